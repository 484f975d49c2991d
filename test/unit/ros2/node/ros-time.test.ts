import { describe, expect, it } from 'vitest';
import { CdrWriter, qosProfiles, RosTime, writeClock } from '../../../../src/ros2/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const soon = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

async function setUp(simulated?: boolean) {
  const graph = new FakeRosGraph();
  const clock = new FakeClock();
  const log = new RecordingLog();
  const time = new RosTime(clock, { log, ...(simulated === undefined ? {} : { simulated }) });
  time.attach(graph.join({ namespace: '/', name: 'goshawk' }));
  // As rclcpp's ClockQoS.
  const publisher = graph
    .join({ namespace: '/', name: 'gazebo' })
    .advertise('/clock', 'rosgraph_msgs/msg/Clock', { ...qosProfiles.sensorData, depth: 1 });
  await soon();
  const tell = async (timeNs: bigint) => {
    publisher.publish(Uint8Array.from(writeClock(new CdrWriter(), timeNs)));
    await soon();
  };
  return { graph, clock, log, time, publisher, tell, parameter: time.parameter() };
}

describe('The time of a node', () => {
  it('is that of the machine, and nobody listens to /clock', async () => {
    const { time, clock, publisher, tell, parameter } = await setUp();
    await tell(5n);
    expect([time.wallNs(), time.wallMs()]).toEqual([clock.wallNs(), clock.wallMs()]);
    expect(publisher.subscribers()).toBe(0);
    expect(parameter.get()).toEqual({ type: 'bool', value: false });
  });

  it('is with use_sim_time that of /clock, 0 before its first message, and may go back', async () => {
    const { time, tell, graph } = await setUp(true);
    expect([time.simulated, time.wallNs()]).toEqual([true, 0n]);
    await tell(12_500_000_000n);
    expect([time.wallNs(), time.wallMs()]).toEqual([12_500_000_000n, 12_500]);
    await tell(1_000_000_000n);
    expect(time.wallNs()).toBe(1_000_000_000n);
    expect(graph.held).toBe(0);
  });

  it('changes with the parameter while it runs', async () => {
    const { time, tell, clock, publisher, parameter } = await setUp();
    parameter.set({ type: 'bool', value: true });
    await soon();
    expect(publisher.subscribers()).toBe(1);
    await tell(7n);
    expect(time.wallNs()).toBe(7n);
    parameter.set({ type: 'bool', value: false });
    expect([time.wallNs(), publisher.subscribers()]).toEqual([clock.wallNs(), 0]);
    parameter.set({ type: 'bool', value: true });
    expect(time.wallNs()).toBe(0n);
  });

  it('stays that of the machine where nobody can hear /clock, and can be asked for again', async () => {
    const { time, clock, graph, parameter } = await setUp();
    const node = graph.join({ namespace: '/', name: 'deaf' });
    let isDeaf = true;
    let jumps = 0;
    const subscribe: typeof node.subscribe = (options) => {
      if (isDeaf) throw new Error('no rosgraph_msgs');
      return node.subscribe(options);
    };
    time.attach(Object.assign(Object.create(node), { subscribe }));
    time.onJump(() => {
      jumps += 1;
    });
    expect(() => parameter.set({ type: 'bool', value: true })).toThrow('no rosgraph_msgs');
    expect(parameter.get()).toEqual({ type: 'bool', value: false });
    expect([time.simulated, time.wallNs(), jumps]).toEqual([false, clock.wallNs(), 0]);
    isDeaf = false;
    parameter.set({ type: 'bool', value: true });
    expect([time.simulated, time.wallNs(), jumps]).toEqual([true, 0n, 1]);
  });

  it('tells when it goes back or becomes another one, and not when it goes on', async () => {
    const { time, tell, parameter } = await setUp(true);
    let jumps = 0;
    const cancel = time.onJump(() => {
      jumps += 1;
    });
    for (const ns of [5n, 5n, 9n]) await tell(ns);
    parameter.set({ type: 'bool', value: true });
    expect(jumps).toBe(0);
    await tell(8n);
    expect(jumps).toBe(1);
    parameter.set({ type: 'bool', value: false });
    expect(jumps).toBe(2);
    cancel();
    parameter.set({ type: 'bool', value: true });
    expect(jumps).toBe(2);
  });

  it('has the durations and timers of the machine all the while', async () => {
    const { time, clock, tell } = await setUp(true);
    let fired = 0;
    time.every(100, () => {
      fired += 1;
    });
    time.after(50, () => {
      fired += 10;
    });
    const before = time.monotonicMs();
    await tell(99n);
    clock.advance(200);
    expect([fired, time.monotonicMs() - before]).toEqual([12, 200]);
  });

  it('stays where a message of /clock can’t be read, which is told once', async () => {
    const { time, tell, publisher, log, graph } = await setUp(true);
    await tell(7n);
    for (const _ of [1, 2]) publisher.publish(Uint8Array.of(0, 1, 0, 0, 1));
    await soon();
    expect(time.wallNs()).toBe(7n);
    expect(log.at('warn')).toHaveLength(1);
    expect(graph.held).toBe(0);
  });

  it('is nobody’s when its node has left', async () => {
    const { time, publisher } = await setUp(true);
    time.detach();
    expect(publisher.subscribers()).toBe(0);
  });
});
