import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asGoshawkError } from '../../base/index.ts';
import { readNamedFile } from '../../platform/index.ts';
import { parseAnchor, type TrustAnchor } from '../../trust/index.ts';
import type { AgentSettings } from '../settings/agent.ts';

/** Where a device keeps what it trusts, below its data folder. */
export const deviceTrustFolder = 'trust';
/** The root that it got when it was let into the fleet. */
export const anchorFile = 'anchor.json';

/** The root that the settings name, else the one that came with the membership; undefined where there is none. */
export function rootOf({
  trust: { rootFile },
  dataDir,
}: Pick<AgentSettings, 'trust' | 'dataDir'>): Promise<TrustAnchor | undefined> {
  return rootFile === undefined ? adopted(join(dataDir, deviceTrustFolder)) : named(rootFile);
}

async function adopted(folder: string): Promise<TrustAnchor | undefined> {
  try {
    return parseAnchor(await readFile(join(folder, anchorFile)));
  } catch (error) {
    // A folder that can't be there holds no root either: this device never took one.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    // One that is there and can't be read: whom to trust is not known, and to trust everybody is no answer.
    throw asGoshawkError(
      error,
      'trust-root-unreadable',
      `Fix the disk, or put the root of the fleet into ${folder} again.`,
    );
  }
}

async function named(path: string): Promise<TrustAnchor> {
  const what = 'read the trust root that trust.rootFile names';
  const bytes = await readNamedFile(path, what, 'Correct trust.rootFile.');
  try {
    return parseAnchor(bytes);
  } catch (error) {
    throw asGoshawkError(
      error,
      'trust-root-unreadable',
      `${path} is the file that trust.rootFile names: put the root of the fleet there, from goshawk keys anchor.`,
    );
  }
}
