import { amendBundle, networkDigest, readBundle } from '../../adapters/filesystem/index.ts';
import { RefusedError } from '../../base/index.ts';
import { formatProfile, type ReferenceProfile } from '../../drift/index.ts';
import { type Bundle, bundledProfilePath } from '../../model/index.ts';

export interface IntoOptions {
  /** Folder of the bundle to write. */
  readonly into: string;
  readonly replace?: boolean;
}

/** What took hours to learn must not end at a folder that is in the way. */
export async function refuseInTheWay({ into, replace }: IntoOptions): Promise<void> {
  if (replace === true) return;
  const there = await readBundle(into).then(
    () => true,
    () => false,
  );
  if (!there) return;
  throw new RefusedError(
    'bundle-in-the-way',
    `${into} is there already; nothing was written.`,
    'Add --replace, or name another folder.',
  );
}

/**
 * A bundle with the profile of a camera inside, so that a rollout of it keeps the watch. The profile can't carry the
 * digest of a bundle that is made with it, so it carries that of the network.
 */
export function putInside(
  bundle: Bundle,
  camera: string,
  profile: ReferenceProfile,
  { into, replace = false }: IntoOptions,
): Promise<Bundle> {
  const text = formatProfile({ ...profile, modelDigest: networkDigest(bundle.manifest) });
  const attachments = new Map([[bundledProfilePath(camera), Buffer.from(text)]]);
  return amendBundle(bundle, into, { attachments }, { replace });
}
