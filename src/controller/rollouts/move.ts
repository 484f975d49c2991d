import { InternalError } from '../../base/index.ts';
import { isComparison, promoted } from './experiment/stage.ts';
import { type Rollout, type WaveRecord, withNote } from './rollout.ts';
import { nextState, type RolloutEvent } from './table.ts';

/** The next state, with a note. InternalError `rollout-table` where the table has no row for it. */
export function move(
  rollout: Rollout,
  event: RolloutEvent,
  nowMs: number,
  what: string,
  by?: string,
): Rollout {
  const next = nextState(rollout.state, event);
  if (next === undefined)
    throw new InternalError(
      'rollout-table',
      `A rollout that is ${rollout.state} has no row for ${event}.`,
      '',
    );
  const { pause, ...rest } = rollout;
  const kept = next === 'paused' && pause !== undefined ? { pause } : {};
  return withNote({ ...rest, ...kept, state: next, sinceMs: nowMs }, nowMs, what, by);
}

/** The wave is passed: the next one, its approval, or the end. B of an experiment waits for a person. */
export function moveNext(rollout: Rollout, nowMs: number, what: string): Rollout {
  return isComparison(rollout)
    ? move(rollout, 'passed-to-compare', nowMs, what)
    : promote(rollout, nowMs, what);
}

/** The next wave, whatever the gate says; of an experiment B for everybody. */
export function promote(before: Rollout, nowMs: number, what: string, by?: string): Rollout {
  const rollout = promoted(before, nowMs);
  const at = rollout.wave;
  const waves = rollout.waves.map((wave, index) => (index === at ? { ...wave, passedMs: nowMs } : wave));
  const next = waves[at + 1];
  const passed = { ...rollout, waves };
  if (next === undefined) return move(passed, 'passed-last', nowMs, what, by);
  const event = needsApproval(next) ? 'passed-to-approval' : 'passed';
  return move({ ...passed, wave: at + 1 }, event, nowMs, what, by);
}

export function needsApproval({ approval, approvedBy }: WaveRecord): boolean {
  return approval === true && approvedBy === undefined;
}
