import type { RolloutAction, RolloutDetail, RolloutDeviceState, RolloutState } from '../../api/index.ts';
import type { Tone } from '../ui/tone.ts';

export const stateTones: Readonly<Record<RolloutState, readonly [tone: Tone, word: string]>> = {
  draft: ['idle', 'Draft'],
  'waiting-for-approval': ['warning', 'Waiting for approval'],
  running: ['accent', 'Running'],
  soaking: ['accent', 'Soaking'],
  comparing: ['accent', 'Comparing'],
  paused: ['warning', 'Paused'],
  aborting: ['warning', 'Aborting'],
  aborted: ['error', 'Aborted'],
  'rolling-back': ['error', 'Rolling back'],
  'rolled-back': ['error', 'Rolled back'],
  finished: ['ok', 'Finished'],
  superseded: ['idle', 'Superseded'],
};

export const deviceTones: Readonly<Record<RolloutDeviceState, readonly [tone: Tone, word: string]>> = {
  waiting: ['idle', 'waiting for its wave'],
  deferred: ['warning', 'deferred'],
  unreachable: ['idle', 'unreachable'],
  ordered: ['accent', 'ordered'],
  downloading: ['accent', 'downloading'],
  preparing: ['accent', 'preparing'],
  checking: ['accent', 'checking'],
  ready: ['accent', 'ready'],
  probation: ['accent', 'on probation'],
  committed: ['ok', 'committed'],
  refused: ['error', 'refused'],
  failed: ['error', 'failed'],
  'rolled-back': ['error', 'rolled back automatically'],
  reverting: ['warning', 'rolling back'],
  reverted: ['warning', 'rolled back'],
  'left-out': ['idle', 'left out'],
};

export const outcomeTones: Readonly<Record<string, readonly [tone: Tone, word: string]>> = {
  pass: ['ok', 'Passed'],
  fail: ['error', 'Failed'],
  inconclusive: ['warning', 'Inconclusive'],
  'no-data': ['warning', 'No data'],
};

export type Action = RolloutAction['action'];

const actionsOf: Readonly<Record<RolloutState, readonly Action[]>> = {
  draft: ['start', 'abort'],
  'waiting-for-approval': ['approve', 'pause', 'abort', 'rollback'],
  running: ['pause', 'abort', 'rollback'],
  soaking: ['promote', 'pause', 'abort', 'rollback'],
  comparing: ['resize', 'promote', 'pause', 'abort', 'rollback'],
  paused: ['resume', 'promote', 'abort', 'rollback'],
  aborting: ['rollback'],
  aborted: ['rollback'],
  'rolling-back': [],
  'rolled-back': [],
  finished: ['rollback'],
  superseded: [],
};

/** Actions that the controller allows in each state. B by camera alone would belong to no one device. */
export function actionsFor({ state, policy }: RolloutDetail): readonly Action[] {
  const { by, percent } = policy.experiment ?? {};
  return actionsOf[state].filter((action) => {
    if (action === 'resize') return percent !== undefined;
    return action !== 'abort' || by !== 'camera' || state === 'draft';
  });
}

export const actionWords: Readonly<Record<Action, readonly [word: string, explained: string]>> = {
  start: ['Start', 'The first wave starts.'],
  approve: ['Approve', 'The waiting wave starts. A person other than the creator must approve.'],
  pause: ['Pause', 'The rollout stops; devices that are ready do not switch.'],
  resume: ['Resume', 'The rollout continues.'],
  promote: [
    'Promote',
    'The next wave starts although the gate did not pass. In an experiment, all devices get B.',
  ],
  abort: ['Abort', 'The rollout ends. Unfinished devices roll back; finished ones keep the version.'],
  rollback: ['Roll back', 'Every device of every wave returns to its previous version.'],
  resize: ['Resize', 'Changes the share of B.'],
};
