import type { RoleType } from '../format/roles.ts';
import { type MetadataClientPorts, openTrusted } from './metadata-client.ts';

/** One role as a device knows it, however old: what it believes and until when it is good for something new. */
export interface RoleStanding {
  readonly role: RoleType;
  readonly version: number;
  readonly expiresMs: number;
  /** How many of `keys` have to sign it. */
  readonly threshold: number;
  readonly keys: number;
}

/** The roles of one repository that are on the disk, or that came with the root; asks nobody. */
export async function standingOf(
  ports: Omit<MetadataClientPorts, 'source' | 'limits'>,
  flashed: { readonly root: Uint8Array | undefined; readonly targets?: Uint8Array | undefined },
): Promise<RoleStanding[]> {
  const set = await openTrusted(ports, flashed.root);
  const timestamp = await ports.store.read('timestamp');
  if (timestamp !== undefined) set.knowTimestamp(timestamp);
  const snapshot = await ports.store.read('snapshot');
  if (snapshot !== undefined) set.knowSnapshot(snapshot);
  for (const bytes of [await ports.store.read('targets'), flashed.targets])
    if (bytes !== undefined && set.knowTargets(bytes)) break;
  const known = {
    root: set.root,
    timestamp: set.timestamp,
    snapshot: set.snapshot,
    targets: set.role('targets'),
  };
  return (['root', 'timestamp', 'snapshot', 'targets'] as const).flatMap((role) => {
    const fields = known[role];
    const holders = set.root.roles.get(role);
    if (fields === undefined || holders === undefined) return [];
    const { version, expiresMs } = fields;
    return [{ role, version, expiresMs, threshold: holders.threshold, keys: holders.keyIds.length }];
  });
}
