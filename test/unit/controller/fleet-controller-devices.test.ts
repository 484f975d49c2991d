import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodePayload, metricNames, topics } from '../../../src/protocol/index.ts';
import { admin, TestFleet } from '../../fakes/test-fleet.ts';

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await TestFleet.open();
});
afterEach(() => fleet.stop());

const device = (id = 'd1') => fleet.controller.registry.get(id)!;
const summary = (id = 'd1') => fleet.controller.registry.summary(device(id));

describe('who is online', () => {
  test('a birth makes a device, its own goodbye and its will take it off', async () => {
    await fleet.birth('d1');
    expect(summary()).toMatchObject({ online: true, board: 'test board', cameras: ['front'] });
    await fleet.send(
      topics.state('d1'),
      encodePayload('state', { online: false, session: 1, reason: 'connection-lost' }),
      true,
    );
    expect(summary()).toMatchObject({ online: false, offlineReason: 'connection-lost' });
  });

  test('the will of an earlier session does not take a device off that is back', async () => {
    await fleet.birth('d1', { session: 2 });
    await fleet.send(
      topics.state('d1'),
      encodePayload('state', { online: false, session: 1, reason: 'connection-lost' }),
    );
    expect(summary().online).toBe(true);
  });

  test('a device whose will came late, from a node of the broker that it left, is asked for its birth when it speaks', async () => {
    await fleet.birth('d1');
    await fleet.reported('d1');
    await fleet.metrics('d1');
    await fleet.send(
      topics.state('d1'),
      encodePayload('state', { online: false, session: 1, reason: 'connection-lost' }),
    );
    await fleet.settle();
    expect(fleet.count('d1', 'rebirth')).toBe(0);
    await fleet.metrics('d1', { sequence: 1, entry: 1, historical: true });
    await fleet.settle();
    expect(fleet.count('d1', 'rebirth')).toBe(0);
    await fleet.metrics('d1', { sequence: 2, entry: 2 });
    await fleet.settle();
    expect(fleet.count('d1', 'rebirth')).toBe(1);
    await fleet.birth('d1');
    expect(summary().online).toBe(true);
  });

  test('a device that says nothing for long is off, and on again with its next word', async () => {
    await fleet.birth('d1');
    await fleet.clock.pass(100_000);
    expect(summary()).toMatchObject({ online: false, offlineReason: 'silent' });
    await fleet.metrics('d1');
    expect(summary().online).toBe(true);
  });

  test('the vitals of the last minute are in the summary', async () => {
    await fleet.birth('d1');
    const now = fleet.clock.wallMs();
    await fleet.metrics('d1', {
      samples: [
        [now, 1, 29.5],
        [now, 2, { buckets: [[-40, 100]], zeros: 0, sum: 3 }],
        [now, 3, 61],
      ],
    });
    expect(summary()).toMatchObject({ fps: 29.5, temperatureC: 61, slots: {} });
    expect(summary().latencyP99Ms).toBeCloseTo(34.05, 1);
    await fleet.clock.pass(70_000);
    expect(summary().fps).toBeUndefined();
  });

  test('do not count a camera twice while what it said with the model before is fresh', async () => {
    const fps = (alias: number, version: string, camera: string) => ({
      alias,
      name: metricNames.fps,
      unit: '1',
      kind: 'gauge' as const,
      labels: { camera, model: 'street', version },
    });
    await fleet.birth('d1', { catalogue: [fps(1, '1', 'front'), fps(2, '2', 'front'), fps(3, '2', 'back')] });
    await fleet.metrics('d1', { samples: [[fleet.clock.wallMs(), 1, 30]] });
    await fleet.clock.pass(1000);
    const now = fleet.clock.wallMs();
    await fleet.metrics('d1', {
      sequence: 1,
      entry: 1,
      samples: [
        [now, 2, 20],
        [now, 3, 10],
      ],
    });
    expect(summary().fps).toBe(30);
  });
});

describe('a device that was deleted and still runs', () => {
  const settings = { pipelines: { '*': { scoreThreshold: 0.5 } } };
  const order = async () =>
    (await fleet.controller.desiredState.setDevice(admin, 'd1', settings)).generations.d1;
  beforeEach(async () => {
    await fleet.birth('d1');
    await fleet.reported('d1', { generation: 7 });
    await fleet.controller.devices.deleteDevice(admin, 'd1');
    await fleet.clock.pass(1_000);
  });

  test('is asked for its birth and its report, and follows the next order', async () => {
    await fleet.metrics('d1');
    expect(fleet.count('d1', 'rebirth')).toBe(1);
    await fleet.birth('d1');
    expect(await order()).toBe(8);
  });

  test('is asked again until it reported, also by a controller that forgot it, and then gets its order with a number that counts', async () => {
    await fleet.restart();
    await fleet.metrics('d1', { sequence: 0 });
    await fleet.birth('d1');
    expect(await order()).toBe(1);
    const asked = fleet.count('d1', 'rebirth');
    await fleet.clock.pass(30_000);
    await fleet.metrics('d1', { sequence: 1, entry: 1 });
    expect(fleet.count('d1', 'rebirth')).toBe(asked + 1);
    await fleet.reported('d1', { generation: 7 });
    await fleet.clock.pass(1_000);
    expect(device().desired).toMatchObject({ generation: 8, ...settings });
    await fleet.clock.pass(600_000);
    await fleet.metrics('d1', { sequence: 2, entry: 2 });
    expect(fleet.count('d1', 'rebirth')).toBe(asked + 1);
  });
});
