import type { RolloutAction, RolloutDetail, RolloutDeviceState, RolloutState } from '../../api/index.ts';
import type { Tone } from '../ui/tone.ts';

export const stateTones: Readonly<Record<RolloutState, readonly [tone: Tone, word: string]>> = {
  draft: ['idle', 'Draft'],
  'waiting-for-approval': ['warning', 'Waits for approval'],
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
  'rolled-back': ['error', 'went back by itself'],
  reverting: ['warning', 'on its way back'],
  reverted: ['warning', 'taken back'],
  'left-out': ['idle', 'left out'],
};

export const outcomeTones: Readonly<Record<string, readonly [tone: Tone, word: string]>> = {
  pass: ['ok', 'Passed'],
  fail: ['error', 'Failed'],
  inconclusive: ['warning', 'Can not say'],
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

/** What a person can do in a state; the controller says no to anything else. B by camera alone would be nobody's. */
export function actionsFor({ state, policy }: RolloutDetail): readonly Action[] {
  const { by, percent } = policy.experiment ?? {};
  return actionsOf[state].filter((action) => {
    if (action === 'resize') return percent !== undefined;
    return action !== 'abort' || by !== 'camera' || state === 'draft';
  });
}

export const actionWords: Readonly<Record<Action, readonly [word: string, explained: string]>> = {
  start: ['Start', 'The first wave begins.'],
  approve: ['Approve', 'What waits begins. Somebody else than its creator has to say so.'],
  pause: ['Pause', 'Nothing goes on; devices that are ready do not switch.'],
  resume: ['Resume', 'It goes on where it was.'],
  promote: [
    'Promote',
    'The next wave begins although the gate did not pass. B of an experiment is for everybody then.',
  ],
  abort: ['Abort', 'It ends. Devices that are not done go back; those that are done keep the version.'],
  rollback: ['Roll back', 'Every device of every wave gets what it had before.'],
  resize: ['Resize', 'Another part of the cameras or devices is B.'],
};
