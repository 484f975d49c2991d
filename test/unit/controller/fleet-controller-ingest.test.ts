import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LimitError } from '../../../src/base/index.ts';
import { metricNames } from '../../../src/protocol/index.ts';
import { TestFleet } from '../../fakes/test-fleet.ts';

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await TestFleet.open();
});
afterEach(() => fleet.stop());

const device = (id = 'd1') => fleet.controller.registry.get(id)!;
const summary = (id = 'd1') => fleet.controller.registry.summary(device(id));

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

  test('beyond its limit the controller accepts and acknowledges no more', async () => {
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
