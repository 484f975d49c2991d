import { counted, LimitError } from '../../base/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { Rollout } from './rollout.ts';
import { mostRollouts } from './rollout-table.ts';
import { isActive } from './table.ts';

const mostOwn = 20;

/** LimitErrors `rollouts-own`, `rollouts-many`: each that is under way costs the controller a step every two seconds. */
export function expectRoom(rollouts: readonly Rollout[], { tokenId, name }: Caller): void {
  const active = rollouts.filter(({ state }) => isActive(state));
  const own = active.filter(({ createdBy }) => createdBy.token === tokenId || createdBy.name === name);
  if (own.length >= mostOwn)
    throw new LimitError(
      'rollouts-own',
      `${name} has ${counted(own.length, 'rollout')} that are not over, as many as one person may have.`,
      'Wait until one is over, or abort one: goshawk rollout list shows them.',
    );
  if (active.length >= mostRollouts)
    throw new LimitError(
      'rollouts-many',
      `${counted(active.length, 'rollout')} are not over, as many as a fleet may have.`,
      'Wait until one is over, or abort one: goshawk rollout list shows them.',
    );
}
