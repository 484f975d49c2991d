import { describe, expect, it } from 'vitest';
import {
  availableTransitions,
  concluded,
  lifecycleStates,
  requestedTransition,
  type StateLabel,
  transitionGraph,
} from '../../../../src/ros2/lifecycle/table.ts';

/** What may be asked for in each state, and where it leads to: the managed nodes of ROS 2 (design article, Managed nodes). */
const asked: readonly (readonly [StateLabel, number, string, StateLabel])[] = [
  ['unconfigured', 1, 'configure', 'configuring'],
  ['unconfigured', 5, 'shutdown', 'shuttingdown'],
  ['inactive', 2, 'cleanup', 'cleaningup'],
  ['inactive', 3, 'activate', 'activating'],
  ['inactive', 6, 'shutdown', 'shuttingdown'],
  ['active', 4, 'deactivate', 'deactivating'],
  ['active', 7, 'shutdown', 'shuttingdown'],
];
/** Where the work of each ends: with success, failure, error. */
const ends: readonly (readonly [StateLabel, StateLabel, StateLabel, StateLabel])[] = [
  ['configuring', 'inactive', 'unconfigured', 'errorprocessing'],
  ['cleaningup', 'unconfigured', 'inactive', 'errorprocessing'],
  ['activating', 'active', 'inactive', 'errorprocessing'],
  ['deactivating', 'inactive', 'active', 'errorprocessing'],
  ['shuttingdown', 'finalized', 'finalized', 'errorprocessing'],
  ['errorprocessing', 'unconfigured', 'finalized', 'finalized'],
];
const states = lifecycleStates.map(({ label }) => label as StateLabel);
const requests = [
  ...Array.from({ length: 100 }, (_, id) => ({ id, label: '' })),
  ...['configure', 'cleanup', 'activate', 'deactivate', 'shutdown', 'transition_success', 'create', 'x'].map(
    (label) => ({ id: 0, label }),
  ),
];

describe('The table of a managed node', () => {
  it('has every state with the number of lifecycle_msgs/msg/State', () => {
    expect(lifecycleStates).toEqual([
      { id: 0, label: 'unknown' },
      { id: 1, label: 'unconfigured' },
      { id: 2, label: 'inactive' },
      { id: 3, label: 'active' },
      { id: 4, label: 'finalized' },
      { id: 10, label: 'configuring' },
      { id: 11, label: 'cleaningup' },
      { id: 12, label: 'shuttingdown' },
      { id: 13, label: 'activating' },
      { id: 14, label: 'deactivating' },
      { id: 15, label: 'errorprocessing' },
    ]);
  });

  it.each(states)('allows in %s exactly the transitions of the table, by number or label', (state) => {
    for (const request of requests) {
      const row = asked.find(
        ([from, id, label]) =>
          from === state && (request.label === '' ? id === request.id : label === request.label),
      );
      expect(requestedTransition(state, request)?.to, JSON.stringify(request)).toBe(row?.[3]);
    }
  });

  it.each(ends)('leads from %s to %s, after a failure to %s, after an error to %s', (state, ...to) => {
    const outcomes = ['success', 'failure', 'error'] as const;
    expect(outcomes.map((outcome) => concluded(state, outcome).to)).toEqual(to);
    expect(availableTransitions(state).map(({ transition }) => transition.id % 10)).toEqual([0, 1, 2]);
  });

  it('is 25 transitions, none of which ends where a state is left for good', () => {
    expect(transitionGraph).toHaveLength(25);
    expect(transitionGraph.filter(({ start }) => start.label === 'finalized')).toEqual([]);
    expect(new Set(transitionGraph.map(({ transition }) => transition.id)).size).toBe(25);
  });
});
