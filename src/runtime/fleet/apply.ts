import type { FleetFile, RolloutDetail, RolloutPolicy } from '../../api/index.ts';
import { GoshawkError } from '../../base/index.ts';
import { readNamedFile } from '../../platform/index.ts';
import type { FleetClient } from './client.ts';
import {
  compareFleet,
  type Difference,
  type FleetNow,
  labelsAfter,
  parseFleetFile,
  parsePolicy,
} from './fleet-file.ts';

type Client = Pick<FleetClient, 'call'>;

export interface AppliedFile {
  readonly differences: readonly Difference[];
  readonly applied: boolean;
}

/** Brings the fleet to what a file says; with `dryRun` only says what would change. Errors of `readNamedFile`. */
export async function applyFleetFile(client: Client, path: string, dryRun: boolean): Promise<AppliedFile> {
  const file = parseFleetFile(await readText(path), path);
  const now = await fleetNow(client, file);
  const differences = compareFleet(file, now);
  if (dryRun)
    return { differences: [...differences, ...(await preview(client, file, differences))], applied: false };
  // Labels and groups first: rollouts choose their devices by them.
  for (const { about, name } of changesOf(differences)) {
    if (about === 'labels')
      await client.call('PUT /devices/:id/labels', {
        params: { id: name },
        body: labelsAfter(file, now, name),
      });
    if (about === 'group') {
      const members = [...(file.groups?.[name]?.members ?? [])];
      await client.call('PUT /groups/:group/members', { params: { group: name }, body: { members } });
    }
  }
  const rollouts = changesOf(differences).filter(({ about }) => about === 'rollout');
  // Of several rollouts none is made where one would be refused.
  if (rollouts.length > 1)
    for (const { name } of rollouts)
      await client.call('POST /rollouts/preview', { body: requestOf(file, name) });
  for (const { name } of rollouts) await client.call('POST /rollouts', { body: requestOf(file, name) });
  return { differences, applied: true };
}

/** Whom a rollout chooses by labels and groups that this very file sets is not known before they are set. */
const byOthers = new Set(['rollout-empty', 'rollout-wave-device']);

/** What the controller would refuse is known before anything is done. */
async function preview(
  client: Client,
  file: FleetFile,
  differences: readonly Difference[],
): Promise<Difference[]> {
  const changes = changesOf(differences);
  const others = changes.some(({ about }) => about !== 'rollout');
  const notes: Difference[] = [];
  for (const { about, name } of changes) {
    if (about !== 'rollout') continue;
    try {
      await client.call('POST /rollouts/preview', { body: requestOf(file, name) });
    } catch (error) {
      if (!others || !(error instanceof GoshawkError) || !byOthers.has(error.code)) throw error;
      const what = `depends on labels and groups that are set first; as the fleet is now: ${error.message}`;
      notes.push({ kind: 'differs', about, name, what });
    }
  }
  return notes;
}

/** A policy alone, as a file. InputErrors as those of a whole file. */
export async function readRolloutPolicy(path: string): Promise<RolloutPolicy> {
  return parsePolicy(await readText(path), path);
}

function changesOf(differences: readonly Difference[]): Difference[] {
  return differences.filter(({ kind }) => kind === 'change');
}

function requestOf(file: FleetFile, name: string) {
  const policy = file.rollouts?.[name];
  if (policy === undefined) throw new RangeError(name);
  return { name, policy };
}

async function fleetNow(client: Client, file: FleetFile): Promise<FleetNow> {
  const rollouts = await client.call('GET /rollouts', { query: { limit: 200 } });
  const details: Record<string, RolloutDetail> = {};
  const gone = new Set<string>();
  // The newest of the name.
  for (const name of Object.keys(file.rollouts ?? {})) {
    const found = await rolloutOf(client, name);
    if (found === 'gone') gone.add(name);
    else if (found !== undefined) details[name] = found;
  }
  return {
    ...{ rollouts, details, gone },
    labels: await client.call('GET /labels'),
    groups: await client.call('GET /groups'),
  };
}

/** `gone`: one that was made, and that the controller does not keep any more. */
async function rolloutOf(client: Client, name: string): Promise<RolloutDetail | 'gone' | undefined> {
  try {
    return await client.call('GET /rollouts/:rollout', { params: { rollout: name } });
  } catch (error) {
    const code = error instanceof GoshawkError ? error.code : undefined;
    if (code === 'rollout-gone') return 'gone';
    if (code === 'rollout-unknown') return undefined;
    throw error;
  }
}

async function readText(path: string): Promise<string> {
  return String(await readNamedFile(path === '-' ? '/dev/stdin' : path, 'read the file'));
}
