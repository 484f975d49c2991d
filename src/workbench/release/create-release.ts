import { execFile } from 'node:child_process';
import { lstat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { writeBundle } from '../../adapters/filesystem/index.ts';
import { InputError, MissingError } from '../../base/index.ts';
import { type Bundle, type ReleaseManifest, releaseTask } from '../../model/index.ts';
import { digestFile, explainFileError } from '../../platform/index.ts';

export interface CreateRelease {
  readonly out: string;
  readonly replace?: boolean;
  /** `goshawk <version>` of this program. */
  readonly createdBy: string;
}

/** A bundle of one Debian package of the agent, so that it travels, is signed and is rolled out as a model is. */
export async function createRelease(
  deb: string,
  { out, replace = false, createdBy }: CreateRelease,
): Promise<Bundle<ReleaseManifest>> {
  const found = await lstat(deb).catch((error: unknown) => {
    throw explainFileError(error, 'read the package', deb);
  });
  if (!found.isFile()) throw notAPackage(deb, 'It is no plain file.');
  const { name, version, architecture } = await fieldsOf(deb);
  const { digest } = await digestFile(deb);
  const path = `${name}_${version}_${architecture}.deb`;
  const manifest: ReleaseManifest = {
    ...{ schema: 1, name: `${name}-${architecture}`, version, task: releaseTask, licence: 'Apache-2.0' },
    package: { name, architecture, file: { path, digest, size: found.size } },
    // No time: the same package is the same release.
    provenance: { sourceDigest: digest, createdBy, createdAt: new Date(0).toISOString() },
  };
  return writeBundle(out, manifest, new Map([[path, { copyOf: deb }]]), { replace });
}

/** As dpkg-deb reads them. */
async function fieldsOf(deb: string) {
  const read = async (field: string) => {
    const { stdout } = await promisify(execFile)('dpkg-deb', ['--field', deb, field], { maxBuffer: 100_000 });
    return stdout.trim();
  };
  try {
    const [name, version, architecture] = [
      await read('Package'),
      await read('Version'),
      await read('Architecture'),
    ];
    if (name !== 'goshawk-agent') throw notAPackage(deb, `It is the package ${name}.`);
    return { name, version, architecture };
  } catch (error) {
    if (error instanceof InputError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new MissingError(
        'release-no-dpkg',
        'The program dpkg-deb is not here; it reads the package.',
        'Install dpkg (on macOS: brew install dpkg), or do this on Debian or Ubuntu.',
        { cause: error },
      );
    throw notAPackage(deb, 'dpkg-deb can not read it.');
  }
}

function notAPackage(deb: string, why: string): InputError {
  return new InputError(
    'release-package',
    `${deb} is not the package of the agent. ${why}`,
    'Name goshawk-agent_<version>_<architecture>.deb, as `npm run package` makes it.',
  );
}
