import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FleetControllerOptions } from '../../../../src/controller/index.ts';
import { encodePayload, topics } from '../../../../src/protocol/index.ts';
import { TestFleet } from '../../../fakes/test-fleet.ts';

let fleet: TestFleet;
const reopen = async (options: FleetControllerOptions) => {
  await fleet.stop();
  fleet = await TestFleet.open(options);
};
beforeEach(async () => {
  fleet = await TestFleet.open();
});
afterEach(() => fleet.stop());

const told = (id: string) =>
  fleet.store.eventRows
    .filter(({ device, kind }) => device === id && kind === 'device.quota-exceeded')
    .map(({ data }) => data?.what);
const gauges = (count: number) =>
  Array.from({ length: count }, (_, alias) => ({
    alias,
    name: `m${alias}`,
    unit: '1',
    kind: 'gauge' as const,
  }));

describe('Metrics beyond the limit of a device', () => {
  test('are left out and told; the others are stored and acknowledged without asking for births', async () => {
    await reopen({ quotas: { seriesPerDevice: 3 } });
    await fleet.birth('d1', { catalogue: gauges(5) });
    await fleet.reported('d1');
    await fleet.clock.pass(10_000);
    const births = fleet.count('d1', 'rebirth');
    const now = fleet.clock.wallMs();
    for (let entry = 0; entry < 3; entry++) {
      await fleet.metrics('d1', {
        ...{ sequence: entry, entry },
        samples: gauges(5).map(({ alias }) => [now, alias, 1] as [number, number, number]),
      });
      await fleet.clock.pass(2_000);
    }
    expect(fleet.store.metricsRows.map((row) => row.values.length)).toEqual([3, 3, 3]);
    expect(fleet.acked('d1')).toEqual([0, 1, 2]);
    expect(fleet.count('d1', 'rebirth')).toBe(births);
    expect(told('d1')).toEqual(['series']);
    expect(fleet.controller.counters.overQuota.series).toBe(2);
  });
});

describe('What a device sends beyond its limit', () => {
  test('is not taken and not acknowledged, is told once, and is taken when it comes again later', async () => {
    await reopen({ quotas: { eventsPerMinute: 60 } });
    await fleet.birth('d1');
    await fleet.birth('d2');
    const send = async (id: string, first: number, last: number) => {
      for (let entry = first; entry <= last; entry++)
        await fleet.event(id, { entry, id: `event-${String(entry).padStart(4, '0')}` });
    };
    await send('d1', 1, 9);
    await send('d2', 1, 5);
    await fleet.clock.pass(2_000);
    expect(fleet.acked('d1')).toEqual([1, 2, 3, 4, 5]);
    expect(fleet.acked('d2')).toEqual([1, 2, 3, 4, 5]);
    expect(told('d1')).toEqual(['events']);
    expect(told('d2')).toEqual([]);
    expect(fleet.controller.counters.overQuota.events).toBe(4);
    await fleet.clock.pass(60_000);
    await send('d1', 6, 9);
    await fleet.clock.pass(2_000);
    expect(fleet.acked('d1')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(told('d1')).toEqual(['events']);
  });

  test('is not even decoded', async () => {
    await reopen({ quotas: { messagesPerMinute: 24 } });
    await fleet.birth('d1');
    for (let at = 0; at < 10; at++) await fleet.send(topics.events('d1'), new TextEncoder().encode('{'));
    expect(fleet.controller.counters.malformed).toBe(1);
    expect(fleet.controller.counters.overQuota.messages).toBe(9);
  });

  test('costs a device that was never heard of no list of events', async () => {
    await reopen({ quotas: { bytesPerMinute: 10 } });
    await fleet.event('d9');
    await fleet.clock.pass(2_000);
    expect(fleet.controller.registry.get('d9')).toBeUndefined();
    expect(fleet.store.eventRows).toEqual([]);
    expect(fleet.controller.counters.overQuota.bytes).toBeGreaterThan(0);
  });

  test('and that is an answer to no call, is only counted', async () => {
    await fleet.birth('d1');
    await fleet.send(topics.response('d1'), encodePayload('response', { ok: true, result: {} }));
    expect(fleet.controller.counters.unasked).toBe(1);
  });
});

describe('Live pictures', () => {
  const picture = encodePayload('preview', {
    ...{ stampNs: '1', width: 2, height: 2, detections: [] },
    ...{ model: 'street', version: '1', captureToPublishMs: 20, roles: ['viewer', 'operator', 'admin'] },
    jpeg: new Uint8Array([1, 2, 3]),
  });
  const show = (camera: string, retain = false) => fleet.send(topics.preview('d1', camera), picture, retain);

  test.each([
    { name: 'before the controller came', restarted: true },
    { name: 'while it runs', restarted: false },
  ])('that a device left on the broker $name are removed, counted and told', async ({ restarted }) => {
    await fleet.birth('d1');
    if (restarted) await fleet.stop();
    for (const camera of ['front', 'x1', 'x2', 'deep/er']) await show(camera, true);
    if (restarted) await fleet.restart();
    await fleet.clock.pass(2_000);
    expect([...fleet.broker.retained.keys()].filter((topic) => topic.includes('/preview/'))).toEqual([]);
    expect(fleet.controller.counters.overQuota['retained-previews']).toBe(4);
    expect(told('d1')).toEqual(['retained-previews']);
  });

  test('are relayed of cameras of the birth alone, and not much faster than was asked for', async () => {
    await fleet.birth('d1', { cameras: ['front'] });
    const seen: string[] = [];
    const watch = (camera: string) =>
      fleet.controller.previews.watch(
        'd1',
        camera,
        { role: 'viewer', maxFps: 5, maxWidth: 640 },
        { frame: () => seen.push(camera), fault: () => undefined },
      );
    const cancels = [watch('front'), watch('other')];
    for (let at = 0; at < 50; at++) {
      await show('front');
      await show('other');
    }
    expect(seen).toEqual(Array(10).fill('front'));
    await fleet.clock.pass(1_000);
    await show('front');
    expect(seen).toHaveLength(11);
    for (const cancel of cancels) cancel();
  });
});
