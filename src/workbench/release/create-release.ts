import { lstat, open } from 'node:fs/promises';
import { writeBundle } from '../../adapters/filesystem/index.ts';
import { InputError } from '../../base/index.ts';
import { type Bundle, type ReleaseManifest, releaseName, releaseTask } from '../../model/index.ts';
import { digestFile, explainFileError } from '../../platform/index.ts';
import { readPackage, readSystem } from './read-file.ts';

export interface CreateRelease {
  readonly out: string;
  readonly replace?: boolean;
  /** `goshawk <version>` of this program. */
  readonly createdBy: string;
}

/** A bundle of one file that renews machines, so that it travels, is signed and is rolled out as a model is. */
export async function createRelease(
  file: string,
  { out, replace = false, createdBy }: CreateRelease,
): Promise<Bundle<ReleaseManifest>> {
  const found = await lstat(file).catch((error: unknown) => {
    throw explainFileError(error, 'read the release', file);
  });
  if (!found.isFile()) throw notARelease(file);
  const { path, version, ...kind } = await readFields(file);
  const { digest } = await digestFile(file);
  const manifest: ReleaseManifest = {
    ...{ schema: 1, name: releaseName(kind), version, task: releaseTask, licence: 'Apache-2.0' },
    package: { ...kind, file: { path, digest, size: found.size } },
    // No time: the same file is the same release.
    provenance: { sourceDigest: digest, createdBy, createdAt: new Date(0).toISOString() },
  };
  return writeBundle(out, manifest, new Map([[path, { copyOf: file }]]), { replace });
}

/** By its first bytes: a Debian package is an archive of ar, a bundle of RAUC a file system of squashfs. */
async function readFields(file: string) {
  const handle = await open(file);
  const head = Buffer.alloc(8);
  await handle.read(head, 0, head.length, 0).finally(() => handle.close());
  if (head.toString('latin1') === '!<arch>\n') return readPackage(file);
  if (head.toString('latin1', 0, 4) === 'hsqs') return readSystem(file);
  throw notARelease(file);
}

function notARelease(file: string): InputError {
  return new InputError(
    'release-package',
    `${file} is neither the package of the agent nor the update of an image.`,
    'Name goshawk-agent_<version>_<architecture>.deb, as `npm run package` makes it, or a .raucb of `goshawk image build`.',
  );
}
