import { describe, expect, it } from 'vitest';
import { CancelledError, InternalError, MissingError } from '../../../../src/base/index.ts';
import { LifecycleMachine, type LifecycleWork } from '../../../../src/ros2/lifecycle/machine.ts';
import type { StateLabel } from '../../../../src/ros2/lifecycle/table.ts';

type Step = keyof LifecycleWork;
const steps: readonly Step[] = ['configure', 'activate', 'deactivate', 'cleanup', 'shutdown', 'recover'];
/** By which steps a state is reached. */
const ways = {
  unconfigured: [],
  inactive: ['configure'],
  active: ['configure', 'activate'],
} as const;
const failed = new MissingError('model-missing', 'There is no model.', 'Name one.');

/** A node in a state, and the numbers, labels and goals of what happens then. */
async function nodeIn(state: keyof typeof ways, broken: Partial<Record<Step, Error>>) {
  let active = false;
  const done: Step[] = [];
  const told: (readonly [number, string, StateLabel])[] = [];
  const work = Object.fromEntries(
    steps.map((step) => [
      step,
      async () => {
        done.push(step);
        if (active && broken[step] !== undefined) throw broken[step];
      },
    ]),
  ) as unknown as LifecycleWork;
  const machine = new LifecycleMachine({
    ...{ work, nowMs: () => 0 },
    onChange: ({ transition: { id, label }, goal }) => told.push([id, label, goal.label as StateLabel]),
  });
  for (const label of ways[state]) await machine.request({ id: 0, label });
  active = true;
  told.length = 0;
  done.length = 0;
  return { machine, told, done };
}

/** Each transition: where it begins, its number, where its work is done, the number of its success, and where it ends. */
const transitions = [
  ['unconfigured', 1, 'configure', 'configuring', 10, 'inactive'],
  ['inactive', 2, 'cleanup', 'cleaningup', 20, 'unconfigured'],
  ['inactive', 3, 'activate', 'activating', 30, 'active'],
  ['active', 4, 'deactivate', 'deactivating', 40, 'inactive'],
  ['unconfigured', 5, 'shutdown', 'shuttingdown', 50, 'finalized'],
  ['inactive', 6, 'shutdown', 'shuttingdown', 50, 'finalized'],
  ['active', 7, 'shutdown', 'shuttingdown', 50, 'finalized'],
] as const;

describe.each(transitions)('In the state %s the transition %i (%s)', (from, id, label, during, end, to) => {
  const asked = { id, label: '' };

  it('succeeds', async () => {
    const { machine, told, done } = await nodeIn(from, {});
    expect(await machine.request(asked)).toBe(true);
    expect(told).toEqual([
      [id, label, during],
      [end, 'transition_success', to],
    ]);
    expect([done, machine.state]).toEqual([[label], to]);
  });

  it('of work that throws what nobody expected leads through errorprocessing to unconfigured', async () => {
    const { machine, told, done } = await nodeIn(from, { [label]: new Error('no memory') });
    expect(await machine.request(asked)).toBe(false);
    expect(told).toEqual([
      [id, label, during],
      [end + 2, 'transition_error', 'errorprocessing'],
      [60, 'transition_success', 'unconfigured'],
    ]);
    expect([done, machine.state]).toEqual([[label, 'recover'], 'unconfigured']);
  });

  it('of work that throws so, and cannot be given up, leads to finalized, where nothing more is taken', async () => {
    const broken = { [label]: new InternalError('x', 'A defect.', ''), recover: failed };
    const { machine, told } = await nodeIn(from, broken);
    expect(await machine.request(asked)).toBe(false);
    expect(told).toEqual([
      [id, label, during],
      [end + 2, 'transition_error', 'errorprocessing'],
      [62, 'transition_error', 'finalized'],
    ]);
    for (let each = 0; each < 100; each += 1)
      expect(await machine.request({ id: each, label: '' })).toBe(false);
    expect([told.length, machine.state]).toEqual([3, 'finalized']);
  });
});

const givingUp = transitions.filter(([, , label]) => label !== 'configure' && label !== 'activate');
describe.each(givingUp)('In the state %s the transition %i (%s)', (from, id, label, _, end) => {
  it('has no way back: it ends in an error though the cause is known', async () => {
    const { machine, told } = await nodeIn(from, { [label]: failed });
    expect(await machine.request({ id, label: '' })).toBe(false);
    expect(told.map(([number]) => number)).toEqual([id, end + 2, 60]);
    expect(machine.state).toBe('unconfigured');
  });
});

describe.each([
  ['configure', 'unconfigured', 1, 11],
  ['activate', 'inactive', 3, 31],
] as const)('Work of %s that fails for a known cause', (label, from, id, failure) => {
  it.each([failed, new CancelledError('The run')])('leaves the node %# where it was', async (cause) => {
    const { machine, told, done } = await nodeIn(from, { [label]: cause });
    expect(await machine.request({ id: 0, label })).toBe(false);
    expect(told.map(([number]) => number)).toEqual([id, failure]);
    expect(told.at(-1)?.slice(1)).toEqual(['transition_failure', from]);
    expect([done, machine.state]).toEqual([[label], from]);
  });
});
