import type { RolloutAction } from '../../api/index.ts';
import { RefusedError } from '../../base/index.ts';
import { actorOf, type Caller, isSamePerson } from '../audit/caller.ts';
import { pause } from './advance.ts';
import { armSlot, resized } from './experiment/stage.ts';
import { move, needsApproval, promote } from './move.ts';
import type { Rollout } from './rollout.ts';
import { nextState, type RolloutEvent } from './table.ts';

/** What a person does to a rollout. RefusedErrors `rollout-state`, `approval-second-person`. */
export function act(rollout: Rollout, given: RolloutAction, caller: Caller, nowMs: number): Rollout {
  const { action, reason } = given;
  const by = actorOf(caller);
  const said = (words: string) => (reason === undefined ? `${words}.` : `${words}: ${reason}`);
  const wave = rollout.waves[rollout.wave];
  const waits = wave !== undefined && needsApproval(wave);
  switch (action) {
    case 'start':
      expect(rollout, 'started', action);
      return move(rollout, waits ? 'submitted' : 'started', nowMs, said('Started'), by);
    case 'approve': {
      expect(rollout, 'approved', action);
      expectSecond(rollout, caller);
      const waves = rollout.waves.map((one, at) => (at === rollout.wave ? { ...one, approvedBy: by } : one));
      return move({ ...rollout, waves }, 'approved', nowMs, said('Approved'), by);
    }
    case 'pause':
      expect(rollout, 'paused', action);
      return pause(rollout, nowMs, { kind: 'by-hand', what: said('Paused by hand') }, by);
    case 'resume':
      expect(rollout, 'resumed', action);
      return move(rollout, waits ? 'submitted' : 'resumed', nowMs, said('Resumed'), by);
    case 'promote':
      expect(rollout, 'passed', action);
      if (waits) throw refusal(rollout, action);
      // Past a gate that did not pass: the four eyes that the rollout began with.
      if (rollout.policy.approval === true) expectSecond(rollout, caller);
      return promote(rollout, nowMs, said('Promoted by hand'), by);
    case 'resize':
      expect(rollout, 'resized', action);
      return move(
        resized(rollout, given.percent, nowMs),
        'resized',
        nowMs,
        said(`B gets ${given.percent} %`),
        by,
      );
    case 'abort':
      expect(rollout, 'aborted', action);
      if (armSlot(rollout.policy) !== undefined && rollout.state !== 'draft') throw keepsNothing(rollout);
      return move({ ...rollout, reason: said('Aborted') }, 'aborted', nowMs, said('Aborted'), by);
    case 'rollback':
      expect(rollout, 'rollback', action);
      return move(
        { ...rollout, reason: said('Rolled back by hand') },
        'rollback',
        nowMs,
        said('Rolled back'),
        by,
      );
  }
}

function expect(rollout: Rollout, event: RolloutEvent, action: string): void {
  if (nextState(rollout.state, event) === undefined) throw refusal(rollout, action);
}

function keepsNothing({ name, policy }: Rollout): RefusedError {
  return new RefusedError(
    'rollout-state',
    `${name} is an experiment: B would stay in the slot ${armSlot(policy)} of each device, and no rollout would manage it.`,
    'goshawk rollout rollback ends it; promote gives B to all devices.',
  );
}

function refusal({ name, state }: Rollout, action: string): RefusedError {
  return new RefusedError(
    'rollout-state',
    `${name} is ${state}; ${action} is not possible then.`,
    'goshawk rollout show says what it waits for.',
  );
}

function expectSecond({ createdBy, name }: Rollout, caller: Caller): void {
  if (!isSamePerson(caller, createdBy)) return;
  throw new RefusedError(
    'approval-second-person',
    `${caller.name} created ${name}; another person has to approve it.`,
    'Ask a person with another token to do it.',
  );
}
