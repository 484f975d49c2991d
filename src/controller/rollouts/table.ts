import type { RolloutState } from '../../api/index.ts';

/** What can happen to a rollout. */
export const rolloutEvents = [
  /** Somebody begins a draft; the policy asks for no approval. */
  'started',
  /** Somebody begins a draft; a second person has to approve it. */
  'submitted',
  /** Somebody else than its creator approves it, or its next wave. */
  'approved',
  /** Every device of the wave gave an answer, and enough of them a good one. */
  'settled',
  /** The soak is over and the gate passed, or a person promoted it; there is another wave. */
  'passed',
  /** The same, and the next wave asks for approval. */
  'passed-to-approval',
  /** The same, and it was the last wave. */
  'passed-last',
  /** The same, and it is an experiment: a person decides about B. */
  'passed-to-compare',
  /** Too many devices failed, or the gate did; the policy says that it goes back by itself. */
  'failed',
  /** A person, a freeze, a deadline, or a gate that can't say: nothing goes on. */
  'paused',
  'resumed',
  /** Another part of an experiment is B. */
  'resized',
  /** A person ends it: devices that are not done go back, those that are done keep it. */
  'aborted',
  /** A person takes all waves back. */
  'rollback',
  /** Every device that can be reached has what it had before. */
  'reverted',
  /** A newer rollout took its place. */
  'superseded',
] as const;
export type RolloutEvent = (typeof rolloutEvents)[number];

export type RolloutRow = readonly [state: RolloutState, event: RolloutEvent, next: RolloutState];

/** Life of a rollout. Every pair that is not here is refused (a person), or a defect (the controller). */
export const rolloutTable: readonly RolloutRow[] = [
  ['draft', 'started', 'running'],
  ['draft', 'submitted', 'waiting-for-approval'],
  ['draft', 'aborted', 'aborting'],
  ['draft', 'superseded', 'superseded'],

  ['waiting-for-approval', 'approved', 'running'],
  ['waiting-for-approval', 'paused', 'paused'],
  ['waiting-for-approval', 'failed', 'rolling-back'],
  ['waiting-for-approval', 'aborted', 'aborting'],
  ['waiting-for-approval', 'rollback', 'rolling-back'],
  ['waiting-for-approval', 'superseded', 'superseded'],

  ['running', 'settled', 'soaking'],
  ['running', 'failed', 'rolling-back'],
  ['running', 'paused', 'paused'],
  ['running', 'aborted', 'aborting'],
  ['running', 'rollback', 'rolling-back'],
  ['running', 'resized', 'running'],
  ['running', 'superseded', 'superseded'],

  ['soaking', 'passed', 'running'],
  ['soaking', 'passed-to-approval', 'waiting-for-approval'],
  ['soaking', 'passed-last', 'finished'],
  ['soaking', 'passed-to-compare', 'comparing'],
  ['soaking', 'resized', 'running'],
  ['soaking', 'failed', 'rolling-back'],
  ['soaking', 'paused', 'paused'],
  ['soaking', 'aborted', 'aborting'],
  ['soaking', 'rollback', 'rolling-back'],
  ['soaking', 'superseded', 'superseded'],

  ['comparing', 'passed', 'running'],
  ['comparing', 'resized', 'running'],
  ['comparing', 'failed', 'rolling-back'],
  ['comparing', 'paused', 'paused'],
  ['comparing', 'aborted', 'aborting'],
  ['comparing', 'rollback', 'rolling-back'],
  ['comparing', 'superseded', 'superseded'],

  ['paused', 'resumed', 'running'],
  ['paused', 'submitted', 'waiting-for-approval'],
  ['paused', 'passed', 'running'],
  ['paused', 'passed-to-approval', 'waiting-for-approval'],
  ['paused', 'passed-last', 'finished'],
  ['paused', 'aborted', 'aborting'],
  ['paused', 'rollback', 'rolling-back'],
  ['paused', 'superseded', 'superseded'],

  ['aborting', 'reverted', 'aborted'],
  ['aborting', 'rollback', 'rolling-back'],
  ['aborted', 'rollback', 'rolling-back'],

  ['rolling-back', 'reverted', 'rolled-back'],

  ['finished', 'rollback', 'rolling-back'],
  ['finished', 'superseded', 'superseded'],
];

const nextOf = new Map(rolloutTable.map(([state, event, next]) => [`${state} ${event}`, next]));

/** Undefined for a pair that the table does not have. */
export function nextState(state: RolloutState, event: RolloutEvent): RolloutState | undefined {
  return nextOf.get(`${state} ${event}`);
}

/** Under way: its devices are its own, another rollout of them is refused. */
export function isActive(state: RolloutState): boolean {
  return !['aborted', 'rolled-back', 'finished', 'superseded'].includes(state);
}
