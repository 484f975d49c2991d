import { constants } from 'node:fs';
import { copyFile, type FileHandle, lstat, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeTrustCrypto } from '../../adapters/crypto/index.ts';
import { MetadataFolder } from '../../adapters/filesystem/index.ts';
import { boardFacts } from '../../adapters/system/index.ts';
import { decodeUtf8, defined, InputError, MissingError, RefusedError } from '../../base/index.ts';
import {
  isRelease,
  isSameKind,
  parseAnyManifest,
  type ReleaseKind,
  type ReleaseManifest,
  releaseName,
} from '../../model/index.ts';
import { digestFile, digestOf, explainFileError } from '../../platform/index.ts';
import {
  admitAgain,
  imageRepository,
  MetadataClient,
  type MetadataSource,
  parseAnchor,
  targetPath,
  trustLimits,
} from '../../trust/index.ts';
import { renewedWith } from '../device/updater.ts';
import { goshawkVersion } from '../version.ts';

export interface TakeRelease {
  /** Digest of the release. */
  readonly digest: string;
  /** Data folder of the agent: nothing in it is believed. */
  readonly from: string;
  /** Where the helper keeps what it has seen of signatures. */
  readonly state: string;
  /** A folder that gets `artifact`, `name` and `release`. */
  readonly out: string;
  /** What this machine is renewed with, and its roots; default: those of this machine. */
  readonly rootFile?: string;
  readonly kind?: ReleaseKind;
  readonly nowMs: number;
}

const mostManifestBytes = 1_000_000;
const mostFileBytes = 2_000_000_000;

/**
 * Takes a release out of the agent's folder for the helper that installs it as root: only where what this machine's own root
 * of trust leads to has signed exactly these bytes, and never one below what has worked here.
 */
export async function takeRelease(given: TakeRelease): Promise<ReleaseManifest> {
  const options = { ...renewedWith(), ...defined(given) };
  const { digest, from, out, kind } = options;
  expectDigest(digest);
  const folder = join(from, 'releases', digest.slice('sha256:'.length));
  const bytes = await readOthers(join(folder, 'manifest.json'), mostManifestBytes);
  if (digestOf(bytes) !== digest)
    throw new InputError(
      'release-digest',
      'The manifest of the release has another digest than the order.',
      'Order the release again.',
    );
  const manifest = parseAnyManifest(decodeUtf8(bytes), 'manifest.json');
  if (!isRelease(manifest))
    throw new InputError('release-not', `${manifest.name} is a model, not a release.`, 'Order a release.');
  if (!isSameKind(manifest.package, kind))
    throw new InputError(
      'release-other-machine',
      `The release is ${releaseName(manifest.package)} (${manifest.package.format}).`,
      `This machine takes ${releaseName(kind)} (${kind.format}).`,
    );
  const release = await admitted(manifest, options);
  await takeFile(folder, manifest, join(out, 'artifact'));
  await writeFile(join(out, 'release'), `${release}\n`, { mode: 0o600 });
  await writeFile(join(out, 'name'), `${digest} ${manifest.version}\n`, { mode: 0o600 });
  return manifest;
}

/** The number of the release, by the owner's signatures as the agent has fetched them. */
async function admitted(
  manifest: ReleaseManifest,
  { digest, from, state, rootFile, nowMs }: TakeRelease & { readonly rootFile: string },
): Promise<number> {
  const anchor = parseAnchor(await readRoot(rootFile));
  const published = new MetadataFolder(join(from, 'trust', 'image'));
  const source: MetadataSource = {
    // Files of a repository are named `5.targets.json`; the agent keeps the newest of each role, and every root.
    fetch: async (file) => {
      const name = file.replace(/\.json$/, '');
      return published.read(/^\d+\.root$/.test(name) ? name : name.replace(/^\d+\./, ''));
    },
  };
  const client = await MetadataClient.refresh(
    () => nowMs,
    {
      ...{ source, store: new MetadataFolder(join(state, 'trust')), verifier: nodeTrustCrypto() },
      ...{ limits: trustLimits, repository: imageRepository },
    },
    anchor.image,
  );
  const target = await client.target(targetPath(manifest));
  if (target === undefined)
    throw new RefusedError(
      'release-not-signed',
      `The owner of the fleet has not signed ${manifest.name} ${manifest.version}.`,
      'Sign it: goshawk model sign.',
    );
  const { name } = await boardFacts('/');
  const floor = await floorOf(state);
  const admission = admitAgain(digest, target, { board: name, agent: goshawkVersion() }, floor);
  if (admission.kind === 'refused')
    throw new RefusedError(
      'release-refused',
      admission.detail,
      'docs/updates.md says what may be installed.',
    );
  return admission.release.release;
}

/** The highest release that has worked here. */
async function floorOf(state: string): Promise<number | undefined> {
  const text = await readFile(join(state, 'floor'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw explainFileError(error, 'read which release has worked here', state);
  });
  if (text === undefined) return undefined;
  const floor = Number(text.trim());
  if (Number.isSafeInteger(floor) && floor >= 0) return floor;
  throw new InputError(
    'release-floor',
    `${state}/floor is damaged.`,
    'Write the number of the release into it.',
  );
}

/** Whose file that is says whom this machine belongs to: nobody but root may have written it. */
async function readRoot(path: string): Promise<Uint8Array> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined)
    throw new MissingError(
      'release-no-root',
      `This machine has no root of trust (${path}), so its fleet cannot update it.`,
      `Put the roots of the fleet there as root: goshawk keys anchor, then sudo install -m 644 anchor.json ${path}`,
    );
  const others = found.mode & 0o022;
  if (!found.isFile() || found.uid !== process.getuid?.() || others !== 0)
    throw new RefusedError(
      'release-root-owner',
      `${path} is not a file that root alone can write, so Goshawk does not trust it.`,
      `sudo chown root:root ${path} && sudo chmod 644 ${path}`,
    );
  return readFile(path);
}

async function takeFile(folder: string, { package: { file } }: ReleaseManifest, to: string) {
  if (file.size > mostFileBytes)
    throw new InputError(
      'release-size',
      `The file of the release has ${file.size} bytes.`,
      'Order another release.',
    );
  const handle = await openOthers(join(folder, file.path), file.size);
  try {
    await mkdir(join(to, '..'), { recursive: true });
    // By the handle that was looked at: the name may mean another file by now.
    await copyFile(`/proc/self/fd/${handle.fd}`, to, constants.COPYFILE_EXCL);
  } finally {
    await handle.close();
  }
  // Only root can write these files now: they are verified, and then installed.
  const { digest } = await digestFile(to);
  if (digest !== file.digest)
    throw new InputError(
      'release-digest',
      'The file of the release is not the one that is signed.',
      'Order it again.',
    );
}

async function readOthers(path: string, mostBytes: number): Promise<Uint8Array> {
  const handle = await openOthers(path, mostBytes);
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(size);
    const { bytesRead } = await handle.read(bytes, 0, size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** A file in a folder of others: no link, nothing that blocks, and not longer than this. */
async function openOthers(path: string, mostBytes: number): Promise<FileHandle> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    throw explainFileError(error, 'read the release', path);
  });
  const found = await handle.stat();
  if (found.isFile() && found.size <= mostBytes) return handle;
  await handle.close();
  throw new InputError('release-file', `${path} is not the file of a release.`, 'Order it again.');
}

function expectDigest(text: string): void {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return;
  throw new InputError('digest-form', `"${text}" is not a digest.`, 'Write sha256: and 64 hex digits.');
}
