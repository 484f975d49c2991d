import { describe, expect, test } from 'vitest';
import type { RolloutState } from '../../../../src/api/index.ts';
import {
  isActive,
  nextState,
  type RolloutEvent,
  rolloutEvents,
  rolloutTable,
} from '../../../../src/controller/rollouts/table.ts';

/** By hand, apart from the source: which events each state takes, and where they lead. */
const expected: Readonly<Record<RolloutState, string>> = {
  draft: 'started>running submitted>waiting-for-approval aborted>aborting superseded>superseded',
  'waiting-for-approval':
    'approved>running paused>paused failed>rolling-back aborted>aborting rollback>rolling-back superseded>superseded',
  running:
    'settled>soaking resized>running failed>rolling-back paused>paused aborted>aborting rollback>rolling-back superseded>superseded',
  soaking:
    'passed>running passed-to-approval>waiting-for-approval passed-last>finished passed-to-compare>comparing resized>running failed>rolling-back paused>paused aborted>aborting rollback>rolling-back superseded>superseded',
  comparing:
    'passed>running resized>running failed>rolling-back paused>paused aborted>aborting rollback>rolling-back superseded>superseded',
  paused:
    'resumed>running submitted>waiting-for-approval passed>running passed-to-approval>waiting-for-approval passed-last>finished aborted>aborting rollback>rolling-back superseded>superseded',
  aborting: 'reverted>aborted rollback>rolling-back',
  aborted: 'rollback>rolling-back',
  'rolling-back': 'reverted>rolled-back',
  'rolled-back': '',
  finished: 'rollback>rolling-back superseded>superseded',
  superseded: '',
};
const states = Object.keys(expected) as RolloutState[];

describe('The table of a rollout', () => {
  test.each(states.flatMap((state) => rolloutEvents.map((event) => [state, event] as const)))(
    '%s, %s',
    (state: RolloutState, event: RolloutEvent) => {
      const row = expected[state].split(' ').find((one) => one.startsWith(`${event}>`));
      expect(nextState(state, event)).toBe(row?.split('>')[1]);
    },
  );

  test('has no row twice', () => {
    const keys = rolloutTable.map(([state, event]) => `${state} ${event}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('leads from every state to an end', () => {
    for (const state of states) {
      const reached = new Set([state]);
      for (let size = 0; size !== reached.size; ) {
        size = reached.size;
        for (const [from, , to] of rolloutTable) if (reached.has(from)) reached.add(to);
      }
      expect(
        [...reached].some((one) => !isActive(one)),
        state,
      ).toBe(true);
    }
  });
});
