import { afterEach, describe, expect, it } from 'vitest';
import { parseBridge } from '../../../../src/adapters/ros2/index.ts';
import { CdrWriter, qosProfiles, writeBool } from '../../../../src/ros2/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { battery, bridged, closeBridges, usual } from './bridge-under-test.ts';

afterEach(closeBridges);

describe('The bridge of a robot', () => {
  it('gives the mean of what came between two batches', async () => {
    const { bridge, tell } = bridged();
    await settle();
    await tell(battery(0.5));
    await tell(battery(0.25));
    expect(bridge.readings()).toEqual([
      { name: 'battery', field: 'percentage', value: 0.375 },
      { name: 'battery', field: 'cell_voltage[1]', value: 4 },
    ]);
    expect(bridge.readings()).toEqual([]);
  });

  it('reads ten messages a second, of those between them the newest, and lets the others go', async () => {
    const { graph, bridge, tell, clock } = bridged();
    await settle();
    const first = () => bridge.readings()[0];
    for (let at = 0; at < 100; at += 1) await tell(battery(at < 1 ? 1 : at < 99 ? 0.5 : 0), 1);
    expect(first()).toEqual({ name: 'battery', field: 'percentage', value: 1 });
    clock.advance(1);
    expect(first()).toEqual({ name: 'battery', field: 'percentage', value: 0 });
    clock.advance(1000);
    expect(first()).toBeUndefined();
    expect(graph.held).toBe(0);
  });

  it('tells the last value, however soon it came after another, and though none comes after it', async () => {
    const { events, tell, clock } = bridged();
    await settle();
    await tell(battery(1), 980);
    await tell(battery(1, 24, 'in between'), 30);
    await tell(battery(1, 24, 'right'), 20);
    clock.advance(60_000);
    expect(events.map(({ message }) => message)).toEqual([
      'slot: location is left.',
      'slot: location is right, and was left.',
    ]);
  });

  it('says of a topic that is silent for two minutes that it says nothing', async () => {
    const { bridge, tell, clock } = bridged();
    await settle();
    await tell(battery(0.5));
    bridge.readings();
    clock.advance(120_000);
    expect(bridge.readings()).toContainEqual({ name: 'battery', field: undefined, value: undefined });
  });

  it('tells a change as an event, with what was before', async () => {
    const { events, tell, clock } = bridged();
    await settle();
    await tell(battery(1));
    clock.advance(1000);
    expect(events).toMatchObject([{ kind: 'robot.changed', message: 'slot: location is left.' }]);
    await tell(battery(1, 24, 'right'));
    clock.advance(10_000);
    expect(events[1]).toEqual({
      kind: 'robot.changed',
      severity: 'info',
      message: 'slot: location is right, and was left.',
      data: { name: 'slot', topic: '/battery', field: 'location', from: 'left', to: 'right' },
    });
  });

  it('tells 120 changes an hour, and how many it left out', async () => {
    const { events, tell, clock } = bridged({
      topics: { slot: { ...usual.topics!.slot!, everySeconds: 1 } },
    });
    await settle();
    for (let second = 0; second < 400; second += 1) {
      await tell(battery(1, 24, String(second)), 500);
      clock.advance(500);
    }
    expect(events.length).toBeLessThanOrEqual(120 + 14);
    expect(events.length).toBeGreaterThan(100);
    expect(events.some(({ data }) => Number(data?.leftOut) > 0)).toBe(true);
  });

  it('goes on after messages that cannot be read, and lets go of each', async () => {
    const { graph, bridge, log, tell } = bridged();
    await settle();
    for (let cut = 0; cut < 40; cut += 1) await tell(battery(0.5).subarray(0, cut));
    await tell(new Uint8Array(100_000));
    await tell(battery(0.5));
    expect(bridge.readings()).toContainEqual({ name: 'battery', field: 'percentage', value: 0.5 });
    expect(graph.held).toBe(0);
    // Once for both of the topics' readers in ten seconds.
    expect(log.at('warn').length).toBe(1);
  });

  it('hears a Bool', async () => {
    const { robot, bridge } = bridged({
      topics: {
        stopped: {
          ...{ topic: '/e_stop', type: 'std_msgs/msg/Bool', fields: ['data'] },
          ...{ reduce: 'max', least: 0, everySeconds: 1 },
        },
      },
    });
    const publisher = robot.advertise('/e_stop', 'std_msgs/msg/Bool', qosProfiles.sensorData);
    await settle();
    publisher.publish(writeBool(new CdrWriter(), true));
    await settle();
    expect(bridge.readings()).toEqual([{ name: 'stopped', field: 'data', value: 1 }]);
    expect(bridge.report()).toBeUndefined();
  });
});

describe('The settings of a bridge', () => {
  it.each([
    ['a service', { type: 'std_srvs/srv/SetBool', fields: ['data'] }, 'ros-observed-type'],
    ['a type without its folder', { type: 'sensor_msgs/Image', fields: ['data'] }, 'ros-observed-type'],
    ['a path', { type: '../msg/Image', fields: ['data'] }, 'ros-observed-type'],
    ['a field that is not there', { fields: ['charge_left'] }, 'ros-observed-field'],
    ['a field of the prototype', { fields: ['constructor'] }, 'ros-observed-field'],
    ['an element too far away', { fields: ['cell_voltage[64]'] }, 'ros-observed-field'],
    ['the mean of a text', { fields: ['location'] }, 'ros-bridge-text'],
  ])('refuse %s', (_, over, code) => {
    const topics = { battery: { ...usual.topics!.battery!, ...over } };
    expect(() => parseBridge({ topics })).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['a message as a service', { type: 'std_msgs/msg/Bool' }, 'ros-service-type'],
    ['a path as a service', { type: '../srv/Dock' }, 'ros-service-type'],
    ['a field that SetBool does not have', { request: { on: true } }, 'ros-request-field'],
    ['a value that SetBool cannot have', { request: { data: 1 } }, 'ros-request-value'],
  ])('refuse %s', (_, over, code) => {
    const services = { lights: { ...usual.services!.lights!, ...over } };
    expect(() => parseBridge({ services })).toThrow(expect.objectContaining({ code }));
  });
});
