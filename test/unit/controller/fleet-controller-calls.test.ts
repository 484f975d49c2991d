import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FleetUpdate } from '../../../src/controller/fleet/live-updates.ts';
import { encodePayload, topics } from '../../../src/protocol/index.ts';
import { admin, TestFleet } from '../../fakes/test-fleet.ts';

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await TestFleet.open();
});
afterEach(() => fleet.stop());

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

  test('a device that is offline is not asked, whatever the call', async () => {
    await fleet.birth('d1');
    const death = { online: false as const, session: 1, reason: 'connection-lost' as const };
    await fleet.send(topics.state('d1'), encodePayload('state', death), true);
    const asked = fleet.calls.length;
    const { devices, frames, clips, previews } = fleet.controller;
    const offline = {
      code: 'device-offline',
      message: expect.stringMatching(/^d1 is offline: last seen .* UTC \(connection-lost\)\.$/),
    };
    const told: unknown[] = [];
    const leave = previews.watch(
      'd1',
      'front',
      { role: 'viewer', maxFps: 2, maxWidth: 320 },
      { frame: () => {}, fault: (error) => told.push(error.code) },
    );
    for (const call of [
      devices.describe('d1'),
      devices.callRobot(admin, 'd1', { service: 'dock' }),
      frames.list('d1', {}),
      frames.fetch('d1', 'f'),
      clips.list('d1', {}),
      clips.open(admin, 'd1', 'c'),
      clips.record(admin, 'd1', { camera: 'front' }),
    ])
      await expect(call).rejects.toMatchObject(offline);
    expect(told).toEqual(['device-offline']);
    leave();
    await fleet.settle();
    const sent = fleet.calls.slice(asked).map(({ method }) => method);
    expect(sent.filter((method) => method !== 'ack' && method !== 'preview')).toEqual([]);
  });

  test('a device cannot answer for another', async () => {
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
        { role: 'viewer', maxFps: 2, maxWidth: 320 },
        { frame: () => seen.push(name), fault: () => seen.push(`${name} fault`) },
      );
    const leaveA = watch('a');
    const leaveB = watch('b');
    await fleet.settle();
    const picture = encodePayload('preview', {
      stampNs: '1',
      roles: ['viewer', 'operator', 'admin'],
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
