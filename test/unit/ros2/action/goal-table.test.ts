import { describe, expect, it } from 'vitest';
import {
  type GoalEvent,
  type GoalState,
  goalEvents,
  goalStatusNumbers,
  goalTable,
  isGoalOver,
  nextGoalState,
} from '../../../../src/ros2/index.ts';

/** Written down a second time, row by row: what rcl_action says of each state. */
const life: Readonly<Record<GoalState, Partial<Record<GoalEvent, GoalState>>>> = {
  accepted: { execute: 'executing', cancel: 'canceling' },
  executing: { cancel: 'canceling', succeed: 'succeeded', abort: 'aborted' },
  canceling: { succeed: 'succeeded', abort: 'aborted', canceled: 'canceled' },
  succeeded: {},
  canceled: {},
  aborted: {},
};
const states = Object.keys(life) as GoalState[];

describe('The life of a goal', () => {
  it.each(states.flatMap((state) => goalEvents.map((event) => [state, event] as const)))(
    'has for %s and %s the step of rcl_action, or none',
    (state, event) => {
      expect(nextGoalState(state, event)).toBe(life[state][event]);
    },
  );

  it('has no row twice', () => {
    expect(new Set(goalTable.map(([state, event]) => `${state} ${event}`)).size).toBe(goalTable.length);
  });

  it('is over where nothing comes any more', () => {
    expect(states.filter(isGoalOver)).toEqual(['succeeded', 'canceled', 'aborted']);
  });

  it('has the numbers of action_msgs', () => {
    expect(goalStatusNumbers).toEqual({
      ...{ unknown: 0, accepted: 1, executing: 2, canceling: 3, succeeded: 4, canceled: 5, aborted: 6 },
    });
  });
});
