import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAnyBundle } from '../../adapters/filesystem/index.ts';
import { defined, InputError } from '../../base/index.ts';
import { type Fields, parseRelease, targetPath } from '../../trust/index.ts';
import type { KeyAccess } from './key-files.ts';
import { type RepositoryView, setTarget } from './repository.ts';

export interface SignModel {
  readonly bundle: string;
  readonly repository: string;
  /** Default: the highest that is signed of that name, or 1. */
  readonly release?: number;
  readonly boards: readonly string[];
  readonly tensorrt: readonly string[];
  readonly minimumAgent?: string;
  readonly rollbackFrom?: number;
  readonly revoked: boolean;
  readonly days: number;
  readonly key: KeyAccess | undefined;
}

/**
 * Adds a bundle to what the owner has signed. InputError `release-lower` for a release below the newest of that name, and
 * `model-version-signed` for other bytes under a signed version: they would also undo its `revoked`.
 */
export async function signModel(options: SignModel): Promise<RepositoryView & { readonly path: string }> {
  const { bundle: folder, repository, days, key } = options;
  const { manifest, digest } = await readAnyBundle(folder, 'digests');
  const bytes = await readFile(join(folder, 'manifest.json'));
  const path = targetPath(manifest);
  const hashes = {
    sha256: digest.replace(/^sha256:/, ''),
    sha512: createHash('sha512').update(bytes).digest('hex'),
  };
  const target = (before: Readonly<Record<string, Fields>>): Fields => {
    expectSame(before[path], hashes.sha256, path);
    const custom = { goshawk: releaseOf(options, highestOf(before, manifest.name), path) };
    return { length: bytes.byteLength, hashes, custom };
  };
  return { ...(await setTarget(repository, path, target, days, key)), path };
}

function expectSame(signed: Fields | undefined, sha256: string, path: string): void {
  if (signed === undefined) return;
  const { sha256: other } = signed.hashes as { readonly sha256: string };
  if (other === sha256) return;
  throw new InputError(
    'model-version-signed',
    `${path} is signed with other content (sha256:${other}).`,
    'Give the bundle another version.',
  );
}

function releaseOf(
  { release, boards, tensorrt, minimumAgent, rollbackFrom, revoked }: SignModel,
  highest: number | undefined,
  path: string,
): Fields {
  if (release !== undefined && highest !== undefined && release < highest && rollbackFrom === undefined)
    throw new InputError(
      'release-lower',
      `${path} would be of release ${release}, and ${highest} is signed of that name.`,
      'Devices that have it would not roll back. Give --release that number or a higher one, or allow it with --rollback-from.',
    );
  const hardware = {
    ...(boards.length === 0 ? {} : { boards }),
    ...(tensorrt.length === 0 ? {} : { tensorrt }),
  };
  return {
    release: release ?? highest ?? 1,
    ...(Object.keys(hardware).length === 0 ? {} : { hardware }),
    ...defined({ minimumAgent, rollbackFrom }),
    ...(revoked ? { revoked: true } : {}),
  };
}

function highestOf(targets: Readonly<Record<string, Fields>>, name: string): number | undefined {
  const releases = Object.entries(targets)
    .filter(([path]) => path.slice(0, path.lastIndexOf('/')) === name)
    .map(([, { custom }]) => parseRelease(custom as Fields).release);
  return releases.length === 0 ? undefined : Math.max(...releases);
}
