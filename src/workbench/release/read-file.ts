import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InputError, MissingError } from '../../base/index.ts';
import type { ReleaseKind } from '../../model/index.ts';

export interface FileOfRelease extends ReleaseKind {
  readonly version: string;
  /** Its name in the bundle. */
  readonly path: string;
}

/** A Debian package, as dpkg-deb reads it. */
export async function readPackage(file: string): Promise<FileOfRelease> {
  const field = async (name: string) => (await read(file, 'dpkg-deb', ['--field', file, name])).trim();
  const name = await field('Package');
  if (name !== 'goshawk-agent') throw unfit(file, `It is the package ${name}.`);
  const [version, architecture] = [await field('Version'), await field('Architecture')];
  return { format: 'deb', name, architecture, version, path: `${name}_${version}_${architecture}.deb` };
}

const ofBoards = /^goshawk-[a-z0-9][a-z0-9.+-]*$/;

/** The update of an image, as RAUC reads it. Its signature is checked by the boards, which have its certificate. */
export async function readSystem(file: string): Promise<FileOfRelease> {
  const text = await read(file, 'rauc', ['info', '--no-verify', '--output-format=json', file]);
  const { compatible = '', version = '' } = fieldsIn(text);
  if (!ofBoards.test(compatible)) throw unfit(file, `It is for "${compatible}", not for a board of Goshawk.`);
  if (version === '') throw unfit(file, 'It has no version.');
  return { format: 'rauc', name: compatible, version, path: `${compatible}_${version}.raucb` };
}

function fieldsIn(text: string): { readonly compatible?: string; readonly version?: string } {
  try {
    return JSON.parse(text) as { compatible?: string; version?: string };
  } catch {
    return {};
  }
}

const debianOf: Readonly<Record<string, string>> = { 'dpkg-deb': 'dpkg', rauc: 'rauc' };

async function read(file: string, program: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { maxBuffer: 100_000 })).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new MissingError(
        'release-no-reader',
        `The program ${program} is not here; it reads the release.`,
        `Install it on Debian or Ubuntu: sudo apt install ${debianOf[program]}.`,
        { cause: error },
      );
    throw unfit(file, `${program} cannot read it.`);
  }
}

function unfit(file: string, why: string): InputError {
  return new InputError(
    'release-package',
    `${file} cannot be a release. ${why}`,
    'Name goshawk-agent_<version>_<architecture>.deb, as `npm run package` makes it, or a .raucb of `goshawk image build`.',
  );
}
