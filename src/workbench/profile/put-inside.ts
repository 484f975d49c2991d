import { amendBundle, networkDigest, readBundle } from '../../adapters/filesystem/index.ts';
import { formatProfile, type ReferenceProfile } from '../../drift/index.ts';
import { type Bundle, bundledProfilePath } from '../../model/index.ts';

export interface IntoOptions {
  /** Folder of the bundle to write. One of the same network that is there, and may be replaced, gets the profile too. */
  readonly into: string;
  readonly replace?: boolean;
}

/**
 * A bundle with the profile of a camera inside, so that a rollout of it keeps the watch. The profile can't carry the
 * digest of a bundle that is made with it, so it carries that of the network.
 */
export async function putInside(
  bundle: Bundle,
  camera: string,
  profile: ReferenceProfile,
  { into, replace = false }: IntoOptions,
): Promise<Bundle> {
  const network = networkDigest(bundle.manifest);
  const text = formatProfile({ ...profile, modelDigest: network });
  const attachments = new Map([[bundledProfilePath(camera), Buffer.from(text)]]);
  const there = replace ? await readBundle(into, 'digests').catch(() => undefined) : undefined;
  const base = there !== undefined && networkDigest(there.manifest) === network ? there : bundle;
  return amendBundle(base, into, { attachments }, { replace });
}
