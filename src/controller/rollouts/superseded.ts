import { defined } from '../../base/index.ts';
import { observe } from './device-state.ts';
import { holds, mayYetSwitch } from './holds.ts';
import type { Proposal } from './proposal.ts';
import type { DeviceRecord, Rollout } from './rollout.ts';
import type { DeviceFacts, World } from './world.ts';

/**
 * Orders of a rollout that another one took the place of. One that had finished was good: who was away then still gets it,
 * in its windows. Of one that was under way nobody watches the rest: who has not switched goes back; who belongs to another
 * rollout waits for the order of that one.
 */
export function afterSuperseded(rollout: Rollout, world: World): Proposal[] {
  if (hadFinished(rollout)) return holds(rollout, world, false);
  const isClaimed = (device: string) => world.claimed?.has(device) === true;
  const back = [...rollout.devices.values()]
    .filter((record) => mayYetSwitch(record) && !isClaimed(record.device))
    .map(({ device }) => ({ kind: 'revert' as const, device }));
  return [...back, ...holds(rollout, world, true).filter(({ device }) => isClaimed(device))];
}

/**
 * It may run the model and have no word for it any more: a device that was set up anew. The same object where it does not.
 */
export function committedWhereRun(
  record: DeviceRecord,
  facts: DeviceFacts | undefined,
  { model }: Pick<Rollout, 'model'>,
  nowMs: number,
): DeviceRecord {
  if (!mayYetSwitch(record) || facts?.loaded?.digest !== model.digest) return record;
  const { reason: _, by: __, ...rest } = record;
  return { ...rest, state: 'committed', sinceMs: nowMs, committedMs: nowMs };
}

/**
 * What a device had before it is ordered something. Where its order is one of a rollout that was superseded, and that it
 * never took, it is what it had before that: the other was given up, and nobody goes back to it.
 */
export function hadBefore(
  rollouts: Iterable<Rollout>,
  facts: DeviceFacts,
  nowMs: number,
): Pick<DeviceRecord, 'before' | 'ranBefore'> {
  const { id, own, loaded } = facts;
  for (const rollout of rollouts) {
    const record = rollout.devices.get(id);
    if (rollout.state !== 'superseded' || hadFinished(rollout)) continue;
    if (record?.order === undefined || record.order !== own?.order) continue;
    const now = committedWhereRun(observe(record, facts, rollout, nowMs), facts, rollout, nowMs);
    if (now.state !== 'committed') return givenOf(record.before, record.ranBefore);
  }
  return givenOf(own, loaded);
}

function givenOf(
  before: DeviceRecord['before'],
  ranBefore: DeviceRecord['ranBefore'],
): Pick<DeviceRecord, 'before' | 'ranBefore'> {
  return {
    ...defined({ before, ranBefore }),
  };
}

export function hadFinished({ waves }: Pick<Rollout, 'waves'>): boolean {
  return waves.at(-1)?.passedMs !== undefined;
}
