import { expect, it } from 'vitest';
import {
  CdrWriter,
  type LifecycleWork,
  qosProfiles,
  type RosMessage,
  serveLifecycle,
  writeBondStatus,
} from '../../../../src/ros2/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const nothing = async () => {};
const work: LifecycleWork = {
  ...{ configure: nothing, activate: nothing, deactivate: nothing, cleanup: nothing, shutdown: nothing },
  recover: nothing,
};

/** An active node with a bond; each of its topics breaks where it is told to. */
async function bonded() {
  const graph = new FakeRosGraph();
  const clock = new FakeClock();
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  const broken = new Set<string>();
  const signs = { count: 0, events: 0 };
  const log = new RecordingLog();
  const advertise = node.advertise.bind(node);
  node.advertise = (...args) => {
    const publisher = advertise(...args);
    const publish = (bytes: Uint8Array) => {
      if (broken.has(publisher.topic)) throw new Error('no memory');
      if (publisher.topic === '/bond') signs.count += 1;
      else signs.events += 1;
      return publisher.publish(bytes);
    };
    return { ...publisher, publish };
  };
  let hear: (message: RosMessage) => void = () => {};
  const subscribe = node.subscribe.bind(node);
  node.subscribe = (options) => {
    if (options.topic !== 'bond') return subscribe(options);
    if (broken.has('hearing')) throw new Error('two types of one name');
    hear = options.onMessage;
    const subscription = subscribe(options);
    const close = () => {
      if (broken.has('closing')) throw new Error('it hangs');
      subscription.close();
    };
    return { ...subscription, close };
  };
  const { machine } = serveLifecycle(node, clock, work, { bond: () => 'ours', log });
  graph.join({ namespace: '/', name: 'manager' }).advertise('/bond', 'bond/msg/Status', qosProfiles.standard);
  await machine.request({ id: 0, label: 'configure' });
  const alive = () => {
    signs.count = 0;
    clock.advance(500);
    return signs.count === 5;
  };
  return { machine, broken, clock, alive, signs, log, hear: (message: RosMessage) => hear(message) };
}

it('A damaged message on the topic of bonds is let go, and what comes behind it is heard', async () => {
  const { machine, alive, hear } = await bonded();
  await machine.request({ id: 0, label: 'activate' });
  let released = 0;
  const release = () => {
    released += 1;
  };
  expect(() => hear({ bytes: Uint8Array.of(0, 1, 0, 0, 9), release })).not.toThrow();
  expect(alive()).toBe(true);
  const status = { header: { stampNs: 0n, frameId: '' }, id: 'goshawk', instanceId: 'theirs' };
  for (const active of [true, false]) {
    const timing = { heartbeatTimeout: 4, heartbeatPeriod: 0.1 };
    hear({ bytes: writeBondStatus(new CdrWriter(), { ...status, active, ...timing }), release });
  }
  expect(alive()).toBe(false);
  expect(released).toBe(3);
});

it('A bond begins though the event of the transition cannot be told', async () => {
  const { machine, broken, alive } = await bonded();
  broken.add('/goshawk/transition_event');
  expect(await machine.request({ id: 0, label: 'activate' })).toBe(true);
  expect(alive()).toBe(true);
});

it('A bond begins, and the event is told, though nobody can be heard on its topic', async () => {
  const { machine, broken, signs, log, clock, alive } = await bonded();
  broken.add('hearing');
  const before = signs.events;
  expect(await machine.request({ id: 0, label: 'activate' })).toBe(true);
  expect(signs.events - before).toBe(2);
  expect(alive()).toBe(true);
  expect(log.at('warn')).toEqual([
    ['The other side of the bond is not heard', { reason: 'two types of one name' }],
  ]);
  expect(await machine.request({ id: 0, label: 'deactivate' })).toBe(true);
  expect([alive(), clock.pending]).toEqual([false, 0]);
});

it('A bond ends with its last words, and the event is told, though its topic cannot be left', async () => {
  const { machine, broken, signs, clock, alive } = await bonded();
  await machine.request({ id: 0, label: 'activate' });
  broken.add('closing');
  expect(alive()).toBe(true);
  const before = { ...signs };
  expect(await machine.request({ id: 0, label: 'deactivate' })).toBe(true);
  expect([signs.count - before.count, signs.events - before.events]).toEqual([1, 2]);
  expect([alive(), clock.pending]).toEqual([false, 0]);
});

it('A sign of life that cannot be told ends nothing, and the next one comes', async () => {
  const { machine, broken, clock, alive } = await bonded();
  await machine.request({ id: 0, label: 'activate' });
  await settle();
  broken.add('/bond');
  expect(() => clock.advance(500)).not.toThrow();
  broken.clear();
  expect(alive()).toBe(true);
});
