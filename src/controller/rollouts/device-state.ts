import type { RolloutDeviceState } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import type { DeploymentReport } from '../../protocol/index.ts';
import type { DeviceRecord, Rollout } from './rollout.ts';
import type { DeviceFacts } from './world.ts';

/** No automatic change is expected any more. */
export const settledStates: ReadonlySet<RolloutDeviceState> = new Set([
  'committed',
  'refused',
  'failed',
  'rolled-back',
  'reverted',
  'left-out',
]);
/** It gave an answer, and not the one that is wanted. */
export const badStates: ReadonlySet<RolloutDeviceState> = new Set(['refused', 'failed', 'rolled-back']);
/** It was ordered and is busy with it. */
export const workingStates: ReadonlySet<RolloutDeviceState> = new Set([
  'ordered',
  'downloading',
  'preparing',
  'checking',
  'ready',
  'probation',
  'reverting',
]);
/** Ordered, and its old model still serves: it can be told to wait. */
export const beforeSwitch: ReadonlySet<RolloutDeviceState> = new Set([
  'ordered',
  'downloading',
  'preparing',
  'checking',
  'ready',
  'deferred',
  'unreachable',
]);

type Seen = Pick<DeviceRecord, 'state' | 'reason' | 'by'>;

/** The record as it follows from what is known now; the same object where nothing changed. */
export function observe(
  record: DeviceRecord,
  facts: DeviceFacts | undefined,
  rollout: Pick<Rollout, 'model'>,
  nowMs: number,
): DeviceRecord {
  const seen = see(record, facts, rollout.model.digest);
  if (seen.state === record.state && seen.reason === record.reason && seen.by === record.by) return record;
  const { reason: _, by: __, ...rest } = record;
  return {
    ...rest,
    ...seen,
    sinceMs: seen.state === record.state ? record.sinceMs : nowMs,
    ...(seen.state === 'committed' && record.state !== 'committed' ? { committedMs: nowMs } : {}),
  };
}

function see(record: DeviceRecord, facts: DeviceFacts | undefined, digest: string): Seen {
  const { state, order, reason, by } = record;
  const same: Seen = seenOf(state, reason, by);
  if (state === 'left-out' || state === 'reverted') return same;
  if (facts === undefined)
    return { state: 'left-out', by: 'deleted', reason: 'The device was deleted from the fleet.' };
  if (state === 'reverting') return seeRevert(record, facts, digest);
  if (order === undefined) return same;
  if (facts.own?.order !== order)
    return { state: 'left-out', by: 'by-hand', reason: 'This device has another order.' };
  if (settledStates.has(state) && state !== 'committed') return same;
  const { deployment } = facts;
  if (deployment?.order === order) return seeDeployment(deployment, facts, state, digest);
  if (state === 'committed') return runsAnother(facts, digest) ?? same;
  if (!facts.online)
    return { state: 'unreachable', by: 'offline', reason: 'It is offline; the order waits at the broker.' };
  return { state: 'ordered' };
}

/** Whoever ordered that, it was not this rollout: what runs is what counts. */
function runsAnother({ deployment, loaded }: DeviceFacts, digest: string): Seen | undefined {
  if (deployment?.state !== 'committed' || loaded === undefined || loaded.digest === digest) return undefined;
  return {
    state: 'failed',
    reason: `${loaded.name} ${loaded.version} runs, and this rollout did not order it.`,
  };
}

function seeDeployment(
  deployment: DeploymentReport,
  facts: DeviceFacts,
  before: RolloutDeviceState,
  digest: string,
): Seen {
  const { state, reason, outcome, waits } = deployment;
  if (state === 'committed') {
    // What runs is what counts, not what a report says of its orders.
    if (facts.loaded?.digest === digest)
      return outcome === 'unproven' ? seenOf('committed', reason, 'unproven') : { state: 'committed' };
    return { state: 'failed', reason: reason ?? 'It reports that it is done, and runs another model.' };
  }
  if (state === 'failed') {
    const went = before === 'probation' ? 'rolled-back' : 'failed';
    return seenOf(
      outcome === 'unproven' ? went : (outcome ?? went),
      reason ?? 'The device says no reason.',
      undefined,
    );
  }
  if (before === 'committed') return { state: 'committed' };
  if (!facts.online)
    return { state: 'unreachable', by: 'offline', reason: `It went offline while ${state}.` };
  switch (state) {
    case 'idle':
      return { state: 'ordered' };
    case 'preparing':
    case 'checking':
    case 'probation':
      return { state };
    case 'ready':
      if (waits === undefined) return { state: 'ready' };
      if (waits.for === 'fleet')
        return {
          state: 'deferred',
          by: 'window',
          reason: 'It is prepared and waits for the window to switch.',
        };
      return { state: 'deferred', by: 'safety', reason: waits.what };
    case 'swapping':
      return { state: 'ready' };
    case 'rolling-back':
      return { state: 'probation', reason: reason ?? 'Rolling back automatically.' };
    default:
      return { state: 'downloading' };
  }
}

/** It has what it had before as soon as it acts on the generation that says so and is busy with nothing. */
function seeRevert(record: DeviceRecord, facts: DeviceFacts, digest: string): Seen {
  const { revertGeneration = 0, reason, ranBefore } = record;
  if (facts.generation < revertGeneration) {
    if (facts.online) return seenOf('reverting', 'It was ordered back.', undefined);
    return {
      state: 'reverting',
      by: 'offline',
      reason: 'It is offline; the order to roll back waits at the broker.',
    };
  }
  const { deployment, loaded } = facts;
  const busy = deployment !== undefined && !['idle', 'committed', 'failed'].includes(deployment.state);
  if (busy) return { state: 'reverting', reason: `On its way back: ${deployment.state}.` };
  // It may have run this very model before.
  if (loaded?.digest !== digest || ranBefore?.digest === digest) return { state: 'reverted' };
  if (deployment?.state === 'failed')
    return {
      ...{ state: 'reverting', by: 'stuck' },
      reason: `It could not roll back: ${deployment.reason ?? 'no reason given'}`,
    };
  return seenOf('reverting', reason, undefined);
}

function seenOf(
  state: RolloutDeviceState,
  reason: string | undefined,
  by: DeviceRecord['by'] | undefined,
): Seen {
  return { state, ...defined({ reason, by }) };
}
