import { describe, expect, it } from 'vitest';
import {
  type NamedValue,
  type ParameterEvent,
  qosProfiles,
  readParameterEvent,
  serveParameters,
  stringsParameter,
} from '../../../../src/ros2/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph, type FakeRosNode } from '../../../fakes/fake-ros-graph.ts';

/** A node with lists of names that each refuse some. */
function serve(prepare: (node: FakeRosNode) => void = () => {}) {
  const graph = new FakeRosGraph();
  const clock = new FakeClock();
  const told: ParameterEvent[] = [];
  graph.join({ namespace: '/', name: 'listener' }).subscribe({
    ...{ topic: '/parameter_events', type: 'rcl_interfaces/msg/ParameterEvent' },
    ...{ qos: qosProfiles.parameterEvents, maxBytes: 10_000, queue: 10 },
    onMessage: ({ bytes, release }) => {
      told.push(readParameterEvent(bytes));
      release();
    },
  });
  const values: Record<string, readonly string[]> = { first: ['a'], second: ['of before'], third: ['c'] };
  const parameters = Object.keys(values).map((name) =>
    stringsParameter({
      ...{ name, description: '' },
      get: () => values[name] ?? [],
      set: (names) => {
        if (names.includes('refused') || names.includes('of before')) throw new Error(`${name} refuses.`);
        values[name] = names;
      },
    }),
  );
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  prepare(node);
  serveParameters(node, clock, parameters);
  const set = async (...names: (readonly [string, string])[]) => {
    const changes = names.map(
      ([name, value]): NamedValue => ({ name, value: { type: 'string_array', value: [value] } }),
    );
    const service = '/goshawk/set_parameters_atomically';
    const type = 'rcl_interfaces/srv/SetParametersAtomically';
    return (await graph.call(service, type, { parameters: changes }))?.result;
  };
  return { set, values, told, clock };
}

describe('Parameters that are set together', () => {
  it('go back where one is refused, and one that cannot is named', async () => {
    const { set, values } = serve();
    expect(await set(['first', 'x'], ['second', 'y'], ['third', 'refused'])).toEqual({
      successful: false,
      reason: 'third refuses. second could not be set back.',
    });
    expect(values).toEqual({ first: ['a'], second: ['y'], third: ['c'] });
  });

  it('are set where the event that tells it is not taken, and it is told later', async () => {
    let works = true;
    const { set, told, clock } = serve((node) => {
      const advertise = node.advertise.bind(node);
      node.advertise = (...args) => {
        const publisher = advertise(...args);
        const publish = (bytes: Uint8Array) => {
          if (!works) throw new Error('no memory');
          return publisher.publish(bytes);
        };
        return { ...publisher, publish };
      };
    });
    await settle();
    works = false;
    expect(await set(['first', 'x'])).toEqual({ successful: true, reason: '' });
    expect(() => clock.advance(500)).not.toThrow();
    works = true;
    clock.advance(500);
    await settle();
    expect(told.slice(1).map(({ changed }) => changed)).toEqual([
      [{ name: 'first', value: { type: 'string_array', value: ['x'] } }],
    ]);
  });
});
