import type { CameraShare, Experiment, Gate, RolloutPolicy } from '../../../api/index.ts';
import { RefusedError } from '../../../base/index.ts';
import { mainSlot } from '../../../protocol/index.ts';
import { isCameraInShare } from '../../desired/camera-shares.ts';
import { hasLabels, type Selectable } from '../../fleet/selector.ts';
import { isInShare, type Share } from '../../fleet/share.ts';
import { badStates } from '../device-state.ts';
import type { DeviceRecord, Rollout } from '../rollout.ts';
import type { DeviceFacts } from '../world.ts';

/**
 * An experiment is a rollout with two waves: B, then everybody. Between them it stays `comparing` until a person promotes B
 * or takes it back. By device the first wave is a part of the devices. By camera it is all of them: each gets B in a slot of
 * its own that serves a part of its cameras, and after the promotion gets it in `main`.
 */
export const experimentWaves = ['B', 'everybody'] as const;

type Staged = Pick<Rollout, 'policy' | 'wave' | 'name'>;

/** B is not promoted. */
export function isComparison({ policy, wave }: Pick<Rollout, 'policy' | 'wave'>): boolean {
  return policy.experiment !== undefined && wave === 0;
}

/** B serves some cameras of each device, in a slot of its own. */
export function isByCamera(rollout: Pick<Rollout, 'policy' | 'wave'>): boolean {
  return isComparison(rollout) && rollout.policy.experiment?.by === 'camera';
}

/** A promotion is the decision of a person: no device has A then, so a comparison is impossible. */
export function gateOf({ policy, wave }: Pick<Rollout, 'policy' | 'wave'>): Gate | undefined {
  return policy.experiment === undefined || wave === 0 ? policy.gate : undefined;
}

/** Where B of an experiment by camera runs until `main` has it; undefined for every other rollout. */
export function armSlot({ experiment }: Pick<RolloutPolicy, 'experiment'>): string | undefined {
  return experiment?.by === 'camera' ? (experiment.slot ?? 'next') : undefined;
}

/** All that a rollout gives orders for, in its whole life. */
export function slotsOf(policy: Pick<RolloutPolicy, 'experiment' | 'slot'>): string[] {
  const arm = armSlot(policy);
  return [policy.slot ?? mainSlot, ...(arm === undefined ? [] : [arm])];
}

export function shareOf({ name, policy }: Pick<Rollout, 'name' | 'policy'>): CameraShare {
  return { of: name, toPercent: policy.experiment?.percent ?? 100 };
}

/** In which of the two waves a device is. */
export function waveOf(device: Selectable, { by, percent = 0, labels }: Experiment, name: string): 0 | 1 {
  if (by === 'camera') return 0;
  const isB =
    labels === undefined ? isInShare(device.id, { of: name, toPercent: percent }) : hasLabels(device, labels);
  return isB ? 0 : 1;
}

/** Where a device that comes to the target later goes. */
export function waveOfLate({ policy, waves, wave, name }: Rollout, facts: DeviceFacts): number {
  const { experiment } = policy;
  return experiment === undefined || wave > 0
    ? Math.max(0, waves.length - 1)
    : waveOf(facts, experiment, name);
}

/**
 * A device without a camera in the share has no part in an experiment by camera, as long as it is so. One whose slot has a
 * model already keeps it.
 */
export function placed(rollout: Rollout, facts: ReadonlyMap<string, DeviceFacts>, nowMs: number): Rollout {
  if (!isByCamera(rollout)) return rollout;
  const devices = new Map(rollout.devices);
  for (const record of rollout.devices.values()) {
    const known = facts.get(record.device);
    if (known === undefined || record.order !== undefined) continue;
    const isOut = record.state === 'left-out' && record.by === 'no-camera';
    if (record.state === 'left-out' && !isOut) continue;
    const obstacle = whyOutside(rollout, known);
    if (obstacle === undefined && isOut) devices.set(record.device, waitingAgain(record, nowMs));
    if (obstacle !== undefined && obstacle.by !== record.by)
      devices.set(record.device, { ...record, ...obstacle, state: 'left-out', sinceMs: nowMs });
  }
  return { ...rollout, devices };
}

/** Why a device gets no B in a slot of its own. */
export function whyOutside(
  rollout: Pick<Rollout, 'name' | 'policy'>,
  { id, own, groupNames, cameras }: DeviceFacts,
): Pick<DeviceRecord, 'by' | 'reason'> | undefined {
  const slot = armSlot(rollout.policy);
  if (slot === undefined) return undefined;
  if (own !== undefined || groupNames)
    return { by: 'by-hand', reason: `Its slot ${slot} has a model already.` };
  const share = shareOf(rollout);
  if (cameras.some((camera) => isCameraInShare(id, camera, share))) return undefined;
  return { by: 'no-camera', reason: 'None of its cameras is B.' };
}

function waitingAgain({ reason: _, by: __, ...rest }: DeviceRecord, nowMs: number): DeviceRecord {
  return { ...rest, state: 'waiting', sinceMs: nowMs };
}

/**
 * B is for everybody from now on. By camera each device is ordered anew, for the slot of the rollout; what serves its
 * cameras stays until it has that. Who did badly with B is not asked again.
 */
export function promoted(rollout: Rollout, nowMs: number): Rollout {
  if (!isByCamera(rollout)) return rollout;
  const devices = new Map<string, DeviceRecord>();
  for (const record of rollout.devices.values()) devices.set(record.device, inMain(record, nowMs));
  return { ...rollout, slot: rollout.policy.slot ?? mainSlot, devices };
}

function inMain(record: DeviceRecord, nowMs: number): DeviceRecord {
  if (record.state === 'left-out' && record.by !== 'no-camera') return { ...record, wave: 1 };
  const {
    order: _,
    before: __,
    ranBefore: ___,
    orderedMs: ____,
    committedMs: _____,
    held: ______,
    ...rest
  } = record;
  const next = { ...rest, wave: 1 };
  return badStates.has(record.state) ? next : waitingAgain(next, nowMs);
}

/** B has a separate slot on the device, even if that was ordered again meanwhile. */
export function hasArm(
  { name, policy }: Pick<Rollout, 'name' | 'policy'>,
  facts: Pick<DeviceFacts, 'shareIn'> | undefined,
): boolean {
  const slot = armSlot(policy);
  return slot !== undefined && facts?.shareIn(slot)?.of === name;
}

/**
 * The slot of B goes where `main` has B, and where it is not to get it: the device did badly with B, or is left alone. Where
 * `main` refused it or went back the slot stays until the rollout is over.
 */
export function mayRelease(
  rollout: Rollout,
  { order, state }: DeviceRecord,
  facts: DeviceFacts | undefined,
): boolean {
  if (isComparison(rollout) || !hasArm(rollout, facts)) return false;
  const isOver = rollout.state === 'finished' || rollout.state === 'superseded';
  if (badStates.has(state)) return order === undefined || isOver;
  return state === 'committed' || state === 'left-out';
}

/** Another part is B. RefusedErrors `experiment-none`, `experiment-shrinks`. */
export function resized(rollout: Rollout, percent: number | undefined, nowMs: number): Rollout {
  const { policy, name } = rollout;
  const { experiment } = policy;
  if (experiment?.percent === undefined || !isComparison(rollout) || percent === undefined)
    throw new RefusedError(
      'experiment-none',
      `${name} has no part that could be another one${percent === undefined ? ', or no percent was named' : ''}.`,
      'An experiment with percent has one until it is promoted: goshawk rollout resize NAME --percent 80.',
    );
  const next = { ...rollout, policy: { ...policy, experiment: { ...experiment, percent } } };
  if (experiment.by === 'camera') return next;
  if (percent < experiment.percent)
    throw new RefusedError(
      'experiment-shrinks',
      `B of ${name} has ${experiment.percent} % of the devices, and they keep it.`,
      'Name a larger part, or roll it back and make a smaller one.',
    );
  const devices = new Map(rollout.devices);
  const share: Share = { of: name, toPercent: percent };
  for (const record of rollout.devices.values())
    if (record.wave === 1 && isInShare(record.device, share))
      devices.set(record.device, { ...record, wave: 0, sinceMs: nowMs });
  return { ...next, devices };
}

/** The share that stands in the settings of a device is another one than that of the rollout. */
export function isShareBehind(rollout: Staged & Pick<Rollout, 'slot'>, facts: DeviceFacts): boolean {
  const share = facts.shareIn(rollout.slot);
  return share?.of === rollout.name && share.toPercent !== shareOf(rollout).toPercent;
}
