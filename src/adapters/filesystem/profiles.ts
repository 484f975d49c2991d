import { readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LimitError } from '../../base/index.ts';
import { formatProfile, maxProfileBytes, parseProfile, type ReferenceProfile } from '../../drift/index.ts';
import { bundledProfilePath, type Manifest, networkText } from '../../model/index.ts';
import { digestOf, explainFileError, systemCode, writeFileAtomic } from '../../platform/index.ts';

/** A reference profile on the disk. */
export interface StoredProfile {
  readonly profile: ReferenceProfile;
  /** sha256 of the file's bytes. */
  readonly digest: string;
  readonly path: string;
}

/** Reads and checks the bytes of a profile's file. Throws an error that says what is wrong with `where`. */
export type UnpackProfile = (
  bytes: Uint8Array,
  where: string,
) => Promise<Pick<StoredProfile, 'profile' | 'digest'>>;

/** Here and now: for programs that nobody waits for. It takes 5 to 20 ms. */
const unpackHere: UnpackProfile = async (bytes, where) => ({
  profile: parseProfile(Buffer.from(bytes).toString(), where),
  digest: digestOf(bytes),
});

/**
 * The path of a camera's profile: inside the bundle if its manifest names it, otherwise beside it.
 * One beside it carries the bundle's digest. One inside can't: it carries the digest of the network.
 */
export function profilePathIn(bundleFolder: string, camera: string): string {
  return join(bundleFolder, bundledProfilePath(camera));
}

/** The same for bundles that differ in name, version, budgets or attachments alone. */
export function networkDigest(manifest: Manifest): string {
  return digestOf(networkText(manifest));
}

/** Undefined where there is none. Throws an error that says what is wrong with the one that is there. */
export async function readProfile(
  path: string,
  unpack: UnpackProfile = unpackHere,
): Promise<StoredProfile | undefined> {
  let bytes: Uint8Array;
  try {
    if ((await stat(path)).size > maxProfileBytes) {
      throw new LimitError(
        'profile-size',
        `${path} is larger than ${maxProfileBytes} bytes.`,
        'This is not a drift profile. Make one with `goshawk model profile`.',
      );
    }
    bytes = await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw explainFileError(error, 'read the drift profile', path);
  }
  return { ...(await unpack(bytes, path)), path };
}

/** Whole or not at all. Gives the digest of what was written. */
export async function writeProfile(path: string, profile: ReferenceProfile): Promise<StoredProfile> {
  const text = formatProfile(profile);
  await writeFileAtomic(path, text);
  return { profile, digest: digestOf(text), path };
}

/** Puts a file that can't be used out of the way, so that it is not stumbled over at every start. Gives its new name. */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}.damaged`;
  await rename(path, aside).catch((error: unknown) => {
    throw explainFileError(error, 'set the drift profile aside', path);
  });
  return aside;
}
