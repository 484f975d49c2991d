import type { Gate, PauseReason } from '../../api/index.ts';
import { selects } from '../fleet/selector.ts';
import { Budgets } from './budgets.ts';
import { lateWave, lateWhole } from './deadlines.ts';
import { badStates, observe, settledStates } from './device-state.ts';
import {
  armSlot,
  gateOf,
  hasArm,
  isByCamera,
  isShareBehind,
  mayRelease,
  placed,
  waveOfLate,
} from './experiment/stage.ts';
import type { GateLook } from './gates/index.ts';
import { holds, mayYetSwitch } from './holds.ts';
import { dueLook, looksOf } from './looks.ts';
import { move, moveNext } from './move.ts';
import type { Proposal } from './proposal.ts';
import { type DeviceRecord, type Rollout, upTo, type WaveRecord } from './rollout.ts';
import { describeStuck, noteNewlyStuck } from './stuck.ts';
import { afterSuperseded, committedWhereRun } from './superseded.ts';
import { isActive } from './table.ts';
import { waveResult } from './wave-result.ts';
import { isOpen } from './windows.ts';
import type { World } from './world.ts';

export interface Advance {
  readonly rollout: Rollout;
  readonly proposals: readonly Proposal[];
  /** The gate should be asked: at one of the looks of a soak, or in between by the guard (`always`). */
  readonly ask?: GateLook;
}

const minuteMs = 60_000;

/**
 * One step of a rollout: what follows now from what is known. It looks at levels and not at events, so that a step that
 * was lost with a controller is simply taken again.
 */
export function advance(before: Rollout, world: World): Advance {
  const { nowMs } = world;
  const devices = new Map<string, DeviceRecord>();
  for (const [id, record] of before.devices) {
    const facts = world.devices.get(id);
    const seen = observe(record, facts, before, nowMs);
    devices.set(id, before.state === 'superseded' ? committedWhereRun(seen, facts, before, nowMs) : seen);
  }
  const rollout = { ...before, devices };
  switch (rollout.state) {
    case 'running':
      return withReleases(run(join(rollout, world), world), world);
    case 'soaking':
      return withReleases(soak(join(rollout, world), world), world);
    case 'comparing':
      return compare(join(rollout, world), world);
    case 'finished':
      return withReleases(follow(join(rollout, world), world), world);
    case 'waiting-for-approval':
    case 'paused':
      return { rollout: deadline(rollout, nowMs), proposals: holds(rollout, world, true) };
    case 'aborting':
      return goBack(rollout, ({ state }) => state !== 'committed' && !isBack(state), world);
    case 'rolling-back':
      return goBack(rollout, ({ state }) => !isBack(state), world);
    case 'superseded':
      return withReleases(
        { rollout: noteNewlyStuck(before, rollout, nowMs), proposals: afterSuperseded(rollout, world) },
        world,
      );
    default:
      return { rollout: noteNewlyStuck(before, rollout, nowMs), proposals: [] };
  }
}

/** Where `main` has B by now the slot of an experiment goes. */
function withReleases(step: Advance, { devices }: World): Advance {
  const done = [...step.rollout.devices.values()].filter((record) =>
    mayRelease(step.rollout, record, devices.get(record.device)),
  );
  if (done.length === 0) return step;
  const proposals = done.map(({ device }) => ({ kind: 'release' as const, device }));
  return { ...step, proposals: [...step.proposals, ...proposals] };
}

/** Devices that came to the target since. They come in the last wave, or where an experiment has them. */
function join(given: Rollout, world: World): Rollout {
  const rollout = placed(given, world.devices, world.nowMs);
  const { policy } = rollout;
  if (policy.lateJoiners === 'leave') return rollout;
  const late = [...world.devices.values()].filter(
    (facts) => !rollout.devices.has(facts.id) && selects(policy.target, facts),
  );
  if (late.length === 0) return rollout;
  const devices = new Map(rollout.devices);
  for (const facts of late)
    devices.set(facts.id, {
      ...{ device: facts.id, wave: waveOfLate(rollout, facts), state: 'waiting', sinceMs: world.nowMs },
      reason: 'It came to the target later.',
    });
  return { ...rollout, devices };
}

function run(given: Rollout, world: World): Advance {
  const { nowMs } = world;
  if (!world.modelHeld)
    return pausedBy(given, nowMs, {
      kind: 'model-gone',
      what: `The controller does not hold ${given.model.name} ${given.model.version} any more.`,
      settle: ['Bring it back with goshawk model push, then resume; or roll back.'],
    });
  const { rollout, proposals } = order(begin(given, nowMs), world);
  const records = upTo(rollout);
  const result = waveResult(records, rollout.policy, world.devices, nowMs);
  if (result.kind === 'failed') return { rollout: fail(rollout, nowMs, result.says), proposals: [] };
  if (result.kind === 'no-data')
    return {
      rollout: undecided(rollout, nowMs, {
        ...{ kind: 'no-data', what: result.says },
        settle: ['Bring a device of the wave online and resume, or promote by hand.'],
      }),
      proposals: [],
    };
  if (result.kind === 'settled' && proposals.length === 0)
    return { rollout: settle(rollout, nowMs, result.says), proposals: [] };
  const late = lateWave(rollout, records, nowMs);
  if (late !== undefined) return pausedBy(rollout, nowMs, late);
  return { rollout, proposals, ...guard(rollout) };
}

function begin(rollout: Rollout, nowMs: number): Rollout {
  const wave = rollout.waves[rollout.wave];
  if (wave === undefined || wave.startedMs !== undefined) return rollout;
  const waves = rollout.waves.map((one, at) => (at === rollout.wave ? { ...one, startedMs: nowMs } : one));
  return { ...rollout, waves };
}

/** Whom of the waves so far to order now; who must wait has the reason in its record. */
function order(rollout: Rollout, world: World): Advance {
  const budgets = new Budgets(rollout, world);
  const held = !isOpen(rollout.policy.windows, 'switch', world.nowMs);
  const devices = new Map(rollout.devices);
  const proposals: Proposal[] = [];
  for (const record of upTo(rollout)) {
    const facts = world.devices.get(record.device);
    if (facts === undefined) continue;
    if (record.order !== undefined && isByCamera(rollout) && isShareBehind(rollout, facts))
      proposals.push({ kind: 'share', device: record.device });
    if (record.order !== undefined || settledStates.has(record.state)) continue;
    const obstacle = budgets.obstacle(facts);
    if (obstacle === undefined) {
      budgets.take(facts);
      proposals.push({ kind: 'deploy', device: record.device, held });
    } else if (record.state !== obstacle.state || record.by !== obstacle.by)
      devices.set(record.device, {
        ...record,
        ...obstacle,
        sinceMs: record.state === obstacle.state ? record.sinceMs : world.nowMs,
      });
  }
  const next = { ...rollout, devices };
  return { rollout: next, proposals: [...proposals, ...holds(next, world, false)] };
}

function soak(rollout: Rollout, world: World): Advance {
  const { nowMs } = world;
  const wave = rollout.waves[rollout.wave];
  const result = waveResult(upTo(rollout), rollout.policy, world.devices, nowMs);
  if (result.kind === 'failed') return { rollout: fail(rollout, nowMs, result.says), proposals: [] };
  const gate = gateOf(rollout);
  const look = gate === undefined || wave === undefined ? undefined : dueLook(wave, nowMs);
  // Who was not waited for may still switch.
  const proposals = holds(rollout, world, false);
  if (look !== undefined) return { rollout, proposals, ask: look };
  const untilMs = (wave?.settledMs ?? nowMs) + (wave?.soakMinutes ?? 0) * minuteMs;
  if (nowMs < untilMs || gate !== undefined)
    return { rollout: deadline(rollout, nowMs), proposals, ...guard(rollout) };
  return { rollout: moveNext(rollout, nowMs, 'The soak is over.'), proposals: [] };
}

/** B serves its part until a person decides; who joins it gets it too, and what it can't bear ends it. */
function compare(given: Rollout, world: World): Advance {
  const { nowMs } = world;
  const step = world.modelHeld
    ? order(given, world)
    : { rollout: given, proposals: holds(given, world, false) };
  const result = waveResult(upTo(step.rollout), given.policy, world.devices, nowMs);
  if (result.kind === 'failed') return { rollout: fail(step.rollout, nowMs, result.says), proposals: [] };
  return { ...step, rollout: deadline(step.rollout, nowMs), ...guard(step.rollout) };
}

/** After the last wave: late joiners, by the same rules, and who has its order and was away. */
function follow(rollout: Rollout, world: World): Advance {
  if (rollout.policy.lateJoiners === 'leave' || !world.modelHeld)
    return { rollout, proposals: holds(rollout, world, false) };
  // Devices that were left out stay so; who was offline comes now.
  return order(rollout, world);
}

/** It has what it had, is on its way there, or is not ours. */
function isBack(state: DeviceRecord['state']): boolean {
  return state === 'left-out' || state === 'reverted' || state === 'reverting';
}

function goBack(rollout: Rollout, whom: (record: DeviceRecord) => boolean, world: World): Advance {
  const { nowMs } = world;
  const isArmed = ({ device, state }: DeviceRecord) =>
    state !== 'reverting' && hasArm(rollout, world.devices.get(device));
  const records = [...rollout.devices.values()];
  const proposals = records
    .filter((record) => (record.order !== undefined && whom(record)) || isArmed(record))
    .map(({ device }) => ({ kind: 'revert' as const, device }));
  const back = records.filter(({ state }) => state === 'reverting');
  const offline = back.filter(({ by }) => by === 'offline').length;
  const stuck = back.filter(({ by }) => by === 'stuck').length;
  if (proposals.length > 0 || offline + stuck < back.length) return { rollout, proposals };
  const away = offline === 0 ? '' : ` For ${offline} that are offline the order waits at the broker.`;
  // Who waits for them waits for ever: an order that is not signed for going back, a disk that has it no more.
  const failed = stuck === 0 ? '' : ` ${describeStuck(back)}`;
  const done = `Every device that was reached and could has what it had before.${away}${failed}`;
  return { rollout: move(rollout, 'reverted', nowMs, done), proposals: [] };
}

function settle(rollout: Rollout, nowMs: number, says: string): Rollout {
  const waves = rollout.waves.map((wave, at) =>
    at === rollout.wave && wave.settledMs === undefined
      ? { ...wave, settledMs: nowMs, seenMs: nowMs, ...plannedLooks(gateOf(rollout), wave.soakMinutes) }
      : wave,
  );
  return move({ ...rollout, waves }, 'settled', nowMs, says);
}

/** Fixed here: another version of the controller goes on with as many. */
function plannedLooks(gate: Gate | undefined, soakMinutes: number): Pick<WaveRecord, 'looks'> {
  return gate === undefined ? {} : { looks: { of: looksOf({ gate }, soakMinutes), made: [] } };
}

/** By the rule of the policy: back, or a person decides. */
export function fail(rollout: Rollout, nowMs: number, why: string): Rollout {
  if (rollout.policy.onFail === 'pause')
    return move({ ...rollout, pause: { kind: 'failed', what: why } }, 'paused', nowMs, why);
  return move({ ...rollout, reason: why }, 'failed', nowMs, why);
}

export function pause(rollout: Rollout, nowMs: number, reason: PauseReason, by?: string): Rollout {
  return move({ ...rollout, pause: reason }, 'paused', nowMs, reason.what, by);
}

/** A wave, or a gate at its last look, that has no answer. */
export function undecided(rollout: Rollout, nowMs: number, reason: PauseReason): Rollout {
  if (rollout.policy.onUnclear !== 'rollback') return pause(rollout, nowMs, reason);
  return move({ ...rollout, reason: reason.what }, 'failed', nowMs, reason.what);
}

function pausedBy(rollout: Rollout, nowMs: number, reason: PauseReason): Advance {
  return { rollout: pause(rollout, nowMs, reason), proposals: [] };
}

function deadline(rollout: Rollout, nowMs: number): Rollout {
  if (rollout.state === 'paused') return rollout;
  const late = lateWhole(rollout, nowMs);
  return late === undefined ? rollout : pause(rollout, nowMs, late);
}

/** The guard looks as soon as one device runs it. */
function guard(rollout: Rollout): { readonly ask?: 'always' } {
  const runs = [...rollout.devices.values()].some(
    ({ state }) => state === 'committed' || badStates.has(state),
  );
  return gateOf(rollout) !== undefined && runs ? { ask: 'always' } : {};
}

/** Not over, or there may still be something to do: for late joiners, for who has to go back, for orders not switched to. */
export function isWatched({ state, policy, devices }: Rollout): boolean {
  if (isActive(state)) return true;
  if (state === 'finished' && policy.lateJoiners !== 'leave') return true;
  // A device that was away may still have the slot of an experiment.
  if (armSlot(policy) !== undefined && (state === 'finished' || state === 'superseded')) return true;
  return [...devices.values()].some((record) => record.state === 'reverting' || mayYetSwitch(record));
}
