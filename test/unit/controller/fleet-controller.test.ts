import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LimitError } from '../../../src/base/index.ts';
import type { FleetUpdate } from '../../../src/controller/fleet/event-bus.ts';
import { encodePayload, metricNames, topics } from '../../../src/protocol/index.ts';
import { admin, birth, digest, otherDigest, TestFleet } from '../../fakes/test-fleet.ts';

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
    expect(summary()).toMatchObject({ fps: 29.5, temperatureC: 61, model: { name: 'street', digest } });
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

test('an order that the broker retains for a device that is not known yet sets the number of its next', async () => {
  const desired = encodePayload('desired', { generation: 20, timeMs: 1 });
  await fleet.send(topics.desired('d9'), desired, true);
  await fleet.birth('d9');
  const settings = { pipelines: { '*': { enabled: true } } };
  const { generations } = await fleet.controller.desiredState.setDevice(admin, 'd9', settings);
  expect(generations.d9).toBe(21);
});

describe('what devices send', () => {
  test('is acknowledged only after its commit', async () => {
    await fleet.birth('d1');
    const release = fleet.store.hold();
    await fleet.metrics('d1', { entry: 7 });
    await fleet.event('d1', { entry: 8 });
    await fleet.clock.pass(10_000);
    expect(fleet.acked('d1')).toEqual([]);
    release();
    await fleet.clock.pass(2_000);
    expect(fleet.acked('d1')).toEqual([7, 8]);
  });

  test('waits while the database fails, is written and acknowledged once it works, and the fault is shown', async () => {
    await fleet.birth('d1');
    fleet.store.fail = new LimitError('database-full', 'Full.', 'Free space.');
    await fleet.event('d1', { entry: 3 });
    await fleet.clock.pass(30_000);
    expect(fleet.controller.summary.current().storageFault).toEqual({
      code: 'database-full',
      message: 'Full.',
      remedy: 'Free space.',
    });
    expect(fleet.acked('d1')).toEqual([]);
    fleet.store.fail = undefined;
    await fleet.clock.pass(30_000);
    expect(fleet.acked('d1')).toEqual([3]);
    expect(fleet.store.eventRows).toHaveLength(1);
    expect(fleet.controller.summary.current().storageFault).toBeUndefined();
  });

  test('of two lives with one session number is all kept, acknowledged and told', async () => {
    await fleet.birth('d1');
    const now = fleet.clock.wallMs();
    for (const value of [30, 31]) {
      await fleet.metrics('d1', { entry: value, samples: [[now, 1, value]] });
      await fleet.clock.pass(2_000);
      // As the outbox sends it again: the same samples, and late.
      await fleet.metrics('d1', { entry: value, historical: true, samples: [[now, 1, value]] });
      await fleet.clock.pass(2_000);
    }
    expect(fleet.store.metricsRows.map((row) => row.values[0])).toEqual([30, 31]);
    expect(fleet.acked('d1')).toEqual([30, 30, 31, 31]);
    expect(fleet.store.eventRows.map(({ kind }) => kind)).toEqual(['device.session-repeated']);
  });

  test('a repeat is acknowledged again and counted once', async () => {
    await fleet.birth('d1');
    const samples: [number, number, number][] = [[fleet.clock.wallMs(), 1, 30]];
    for (let turn = 0; turn < 3; turn++) {
      await fleet.metrics('d1', { entry: 1, samples });
      await fleet.event('d1', { entry: 2 });
      await fleet.clock.pass(2_000);
    }
    expect(fleet.store.metricsRows).toHaveLength(1);
    expect(fleet.store.eventRows).toHaveLength(1);
    expect(fleet.acked('d1').sort()).toEqual([1, 1, 1, 2, 2, 2]);
  });

  test('a backlog of 50 entries is acknowledged at once, without waiting for the second', async () => {
    await fleet.birth('d1');
    for (let entry = 0; entry < 50; entry++) await fleet.metrics('d1', { sequence: entry, entry });
    await fleet.controller.flush();
    await fleet.settle();
    expect(fleet.acked('d1')).toHaveLength(50);
  });

  test('batches of a session whose birth never came are read with the present names, and wait for nothing', async () => {
    await fleet.birth('d1', { session: 8 });
    await fleet.reported('d1');
    for (let entry = 0; entry < 50; entry++)
      await fleet.metrics('d1', { session: 7, sequence: entry, entry, historical: true });
    await fleet.controller.flush();
    await fleet.settle();
    expect(fleet.store.metricsRows).toHaveLength(50);
    expect(fleet.acked('d1')).toHaveLength(50);
    expect(fleet.count('d1', 'rebirth')).toBe(0);
  });

  test('beyond its limit the controller takes nothing more, and acknowledges nothing of that', async () => {
    await fleet.stop();
    fleet = await TestFleet.open({ ingest: { maxItems: 20 } });
    await fleet.birth('d1');
    fleet.store.fail = new LimitError('database-full', 'Full.', 'Free space.');
    for (let entry = 0; entry < 50; entry++) await fleet.metrics('d1', { sequence: entry, entry });
    await fleet.clock.pass(1_000);
    fleet.store.fail = undefined;
    await fleet.clock.pass(20_000);
    expect(fleet.store.metricsRows.map((row) => row.sequence)).toEqual([0, 1, 2, 3, 4]);
    expect(fleet.acked('d1')).toEqual([0, 1, 2, 3, 4]);
    expect(fleet.controller.counters.turnedAway).toBe(45);
  });

  test('a live batch of a device with a wrong clock is moved to now, a late one keeps its times', async () => {
    await fleet.birth('d1');
    const now = fleet.clock.wallMs();
    await fleet.metrics('d1', {
      samples: [
        [now - 3_600_000, 1, 1],
        [now - 3_601_000, 3, 1],
      ],
    });
    await fleet.metrics('d1', { sequence: 1, historical: true, samples: [[now - 3_600_000, 1, 1]] });
    await fleet.metrics('d1', { sequence: 2, historical: true, samples: [[now + 3_600_000, 1, 1]] });
    await fleet.clock.pass(1_000);
    expect(fleet.store.metricsRows.map((row) => [...row.timesMs])).toEqual([
      [now, now - 1000],
      [now - 3_600_000],
      [now],
    ]);
    expect(fleet.controller.counters.skewedBatches).toBe(2);
  });
});

describe('gaps and names', () => {
  test('a gap is counted and makes the controller ask for a birth, a storm of gaps does not', async () => {
    await fleet.birth('d1');
    for (let step = 0; step < 50; step++) await fleet.metrics('d1', { sequence: step * 2 });
    expect(fleet.controller.counters.gaps).toBe(49);
    expect(fleet.controller.counters.missingBatches).toBe(49);
    expect(fleet.count('d1', 'rebirth')).toBe(1);
  });

  test('a batch with an unknown alias waits, unacknowledged, for the birth that explains it', async () => {
    await fleet.metrics('d1', { entry: 5, samples: [[fleet.clock.wallMs(), 1, 12]] });
    await fleet.clock.pass(3_000);
    expect(fleet.count('d1', 'rebirth')).toBe(1);
    expect(fleet.acked('d1')).toEqual([]);
    await fleet.birth('d1');
    await fleet.clock.pass(3_000);
    expect(fleet.acked('d1')).toEqual([5]);
    expect(summary().fps).toBe(12);
  });

  test('what even the birth does not explain is dropped and counted, the rest of the batch is kept', async () => {
    await fleet.birth('d1');
    const now = fleet.clock.wallMs();
    await fleet.metrics('d1', {
      entry: 5,
      samples: [
        [now, 1, 12],
        [now, 99, 1],
      ],
    });
    await fleet.birth('d1');
    await fleet.clock.pass(3_000);
    expect(fleet.store.metricsRows[0]?.series).toHaveLength(1);
    expect(fleet.controller.counters.unknownSamples).toBe(1);
    expect(fleet.acked('d1')).toEqual([5]);
  });

  test('a late batch of an older session is read with the names of that session', async () => {
    await fleet.birth('d1', { session: 1 });
    await fleet.birth('d1', {
      session: 2,
      catalogue: [{ alias: 1, name: 'something_else', unit: '1', kind: 'gauge' }],
    });
    await fleet.metrics('d1', { session: 1, sequence: 9, historical: true });
    await fleet.clock.pass(1_000);
    const series = fleet.store.metricsRows[0]?.series[0] ?? 0;
    const rows = fleet.store.commits.flatMap((commit) => commit.series ?? []);
    expect(rows.find((row) => row.id === series)?.name).toBe(metricNames.fps);
  });
});

describe('desired states', () => {
  const model = { name: 'street', version: '1.0.0', digest };
  const retained = (id: string) => {
    const message = fleet.broker.retained.get(topics.desired(id));
    return message === undefined ? undefined : JSON.parse(new TextDecoder().decode(message.payload));
  };

  test('a command is in the database before it is published, retained, and has its entry in the audit log', async () => {
    await fleet.birth('d1');
    const release = fleet.store.hold();
    const command = fleet.controller.desiredState.setDevice(admin, 'd1', { model }, true);
    await fleet.settle();
    expect(retained('d1')).toBeUndefined();
    release();
    expect(await command).toEqual({ generations: { d1: 1 }, order: expect.any(String) });
    await fleet.settle();
    expect(retained('d1')).toMatchObject({ generation: 1, model });
    expect(fleet.store.auditRows).toMatchObject([
      { actor: 'ann (t1)', action: 'device.desired', target: 'd1', result: 'ok' },
    ]);
  });

  test('a command that fails changes nothing and is in the audit log with its code', async () => {
    await fleet.birth('d1');
    await expect(
      fleet.controller.desiredState.setDevice(admin, 'd1', { model }, false),
    ).rejects.toMatchObject({
      code: 'model-unknown',
    });
    await expect(fleet.controller.desiredState.setDevice(admin, 'nobody', {}, false)).rejects.toMatchObject({
      code: 'device-unknown',
    });
    expect(retained('d1')).toBeUndefined();
    expect(fleet.store.auditRows.map((row) => row.result)).toEqual(['model-unknown', 'device-unknown']);
  });

  test('a group sets its members, who join late too, and the own settings of the device win', async () => {
    await fleet.birth('d1');
    await fleet.birth('d2', { groups: ['west'] });
    await fleet.controller.groups.setMembers(admin, 'west', ['d1', 'later']);
    await fleet.controller.desiredState.setDevice(
      admin,
      'd1',
      { pipelines: { '*': { scoreThreshold: 0.9 } } },
      true,
    );
    const { generations } = await fleet.controller.desiredState.setGroup(
      admin,
      'west',
      { model, pipelines: { '*': { scoreThreshold: 0.5, maxDetections: 5 } } },
      true,
    );
    expect(Object.keys(generations).sort()).toEqual(['d1', 'd2']);
    await fleet.birth('later');
    await fleet.settle();
    expect(retained('d1').pipelines).toEqual({ '*': { scoreThreshold: 0.9, maxDetections: 5 } });
    expect(retained('d2')).toMatchObject({ model });
    expect(retained('later')).toMatchObject({ model, pipelines: { '*': { scoreThreshold: 0.5 } } });
    await fleet.controller.groups.deleteGroup(admin, 'west');
    await fleet.settle();
    expect(retained('d2').model).toBeUndefined();
    expect(retained('d1').pipelines).toEqual({ '*': { scoreThreshold: 0.9 } });
  });

  test('are published again when the broker came back without them, and not when it still has them', async () => {
    await fleet.birth('d1');
    await fleet.controller.desiredState.setDevice(admin, 'd1', { model }, true);
    await fleet.settle();
    fleet.transport.cut();
    await fleet.clock.pass(5_000);
    const published = () =>
      fleet.broker.log.filter((message) => message.topic === topics.desired('d1')).length;
    expect(published()).toBe(1);
    fleet.broker.stop();
    fleet.broker.restart();
    await fleet.clock.pass(5_000);
    expect(retained('d1')).toMatchObject({ generation: 1, model });
    expect(published()).toBe(2);
  });

  test('survive a restart, and go on with the next generation', async () => {
    await fleet.birth('d1');
    await fleet.controller.desiredState.setDevice(admin, 'd1', { model }, true);
    await fleet.clock.pass(1_000);
    await fleet.restart();
    expect(fleet.controller.registry.get('d1')?.desired).toMatchObject({ generation: 1, model });
    expect(
      await fleet.controller.desiredState.setDevice(
        admin,
        'd1',
        { model: { ...model, digest: otherDigest } },
        true,
      ),
    ).toEqual({ generations: { d1: 2 }, order: expect.any(String) });
  });

  test('pass the generation that a device reports although this database never gave it', async () => {
    await fleet.birth('d1');
    await fleet.controller.desiredState.setDevice(admin, 'd1', { model }, true);
    await fleet.reported('d1', { generation: 17 });
    await fleet.settle();
    expect(retained('d1')).toMatchObject({ generation: 18, model });
  });

  test('a deleted device is gone with everything that the broker retained of it', async () => {
    await fleet.birth('d1');
    await fleet.controller.desiredState.setDevice(admin, 'd1', { model }, true);
    await fleet.controller.devices.deleteDevice(admin, 'd1');
    await fleet.settle();
    expect(fleet.controller.registry.get('d1')).toBeUndefined();
    expect([...fleet.broker.retained.keys()]).toEqual([]);
  });
});

describe('calls and previews', () => {
  const answer = (response: object) => {
    const { message } = fleet.calls.at(-1)!;
    return fleet.device.publish({
      topic: message.responseTopic!,
      payload: new TextEncoder().encode(JSON.stringify(response)),
      qos: 1,
      retain: false,
      ...(message.correlationData === undefined ? {} : { correlationData: message.correlationData }),
    });
  };

  test('a call ends with the answer, with the message of a refusal, or after its time', async () => {
    await fleet.birth('d1');
    const good = fleet.controller.devices.describe('d1');
    await fleet.settle();
    await answer({ ok: true, result: { health: 'fine' } });
    expect(await good).toEqual({ health: 'fine' });

    const bad = fleet.controller.devices.describe('d1');
    await fleet.settle();
    await answer({ ok: false, code: 'busy', message: 'Busy.', remedy: 'Wait.' });
    await expect(bad).rejects.toMatchObject({ code: 'busy', message: 'Busy.', remedy: 'Wait.' });

    const late = fleet.controller.devices.describe('d1');
    const expectation = expect(late).rejects.toMatchObject({ code: 'device-silent' });
    await fleet.clock.pass(11_000);
    await expectation;
  });

  test('a device can not answer for another', async () => {
    await fleet.birth('d1');
    const call = fleet.controller.devices.describe('d1');
    await fleet.settle();
    const { message } = fleet.calls.at(-1)!;
    await fleet.device.publish({
      topic: topics.response('d2'),
      payload: new TextEncoder().encode('{"ok":true,"result":{}}'),
      qos: 1,
      retain: false,
      correlationData: message.correlationData!,
    });
    const expectation = expect(call).rejects.toMatchObject({ code: 'device-silent' });
    await fleet.clock.pass(11_000);
    await expectation;
  });

  test('pictures come while somebody watches: one lease for all, renewed, and cut when the last one leaves', async () => {
    await fleet.birth('d1');
    const seen: string[] = [];
    const watch = (name: string) =>
      fleet.controller.previews.watch(
        'd1',
        'front',
        { maxFps: 2, maxWidth: 320 },
        { frame: () => seen.push(name), fault: () => seen.push(`${name} fault`) },
      );
    const leaveA = watch('a');
    const leaveB = watch('b');
    await fleet.settle();
    const picture = encodePayload('preview', {
      stampNs: '1',
      width: 10,
      height: 10,
      jpeg: new Uint8Array([1]),
      detections: [],
      model: 'm',
      version: '1',
      captureToPublishMs: 1,
    });
    await fleet.send(topics.preview('d1', 'front'), picture);
    expect(seen).toEqual(['a', 'b']);
    const before = fleet.count('d1', 'preview');
    await fleet.clock.pass(9_000);
    await answer({ ok: true, result: {} });
    await fleet.clock.pass(2_000);
    expect(fleet.count('d1', 'preview')).toBe(before + 1);
    leaveA();
    leaveB();
    await fleet.settle();
    const last = JSON.parse(new TextDecoder().decode(fleet.calls.at(-1)!.message.payload));
    expect(last).toMatchObject({ camera: 'front', seconds: 1 });
    const after = fleet.count('d1', 'preview');
    await fleet.clock.pass(60_000);
    expect(fleet.count('d1', 'preview')).toBe(after);
  });
});

describe('updates', () => {
  test('are published of a device at most once a second, and of every event once', async () => {
    const updates: FleetUpdate[] = [];
    fleet.controller.updates.subscribe((one) => updates.push(one));
    await fleet.birth('d1');
    for (let turn = 0; turn < 20; turn++) await fleet.metrics('d1', { sequence: turn });
    await fleet.event('d1');
    await fleet.event('d1');
    await fleet.clock.pass(1_500);
    expect(updates.filter(({ name }) => name === 'device').length).toBeLessThanOrEqual(2);
    expect(updates.filter(({ name }) => name === 'event')).toHaveLength(1);
    await fleet.clock.pass(3_000);
    expect(updates.some(({ name }) => name === 'fleet')).toBe(true);
  });
});

test('a restart keeps devices, names and numbers, and asks again for what its former life had not committed', async () => {
  await fleet.birth('d1');
  await fleet.metrics('d1', { sequence: 0 });
  await fleet.clock.pass(1_000);
  await fleet.restart();
  expect(summary()).toMatchObject({ id: 'd1', board: birth.board.name, online: true });
  await fleet.metrics('d1', { sequence: 3 });
  expect(fleet.controller.counters).toMatchObject({ rebirthsAsked: 1, gaps: 0, missingBatches: 0 });
  // Only what came before the restart may have been under way; from now on a gap is one.
  await fleet.metrics('d1', { sequence: 6 });
  expect(fleet.controller.counters).toMatchObject({ gaps: 1, missingBatches: 2 });
});

test('the first admin is made once, and a token chosen elsewhere works', async () => {
  const first = await fleet.controller.access.createFirstAdmin();
  expect(fleet.controller.access.authenticate(first?.token)).toMatchObject({ role: 'admin' });
  expect(await fleet.controller.access.createFirstAdmin()).toBeUndefined();
  const chosen = `gsk_${'1'.repeat(12)}_${'2'.repeat(64)}`;
  await fleet.controller.access.adoptToken(chosen, { name: 'device', role: 'device' });
  await fleet.restart();
  expect(fleet.controller.access.authenticate(chosen)).toMatchObject({
    name: 'device',
    role: 'device',
  });
  expect(() => fleet.controller.access.authenticate(`${chosen}0`)).toThrow(/not valid/);
  await expect(
    fleet.controller.access.adoptToken('short', { name: 'x', role: 'admin' }),
  ).rejects.toMatchObject({
    code: 'token-form',
  });
});

test('closing leaves no timer behind', async () => {
  await fleet.birth('d1');
  await fleet.metrics('d1');
  await fleet.stop();
  expect(fleet.store.metricsRows).toHaveLength(1);
  await fleet.device.close();
  expect(fleet.clock.pending).toBe(0);
});
