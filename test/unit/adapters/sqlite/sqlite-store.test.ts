import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteStore } from '../../../../src/adapters/sqlite/index.ts';
import { DatabaseService } from '../../../../src/adapters/sqlite/service.ts';
import {
  type AuditDraft,
  addSample,
  defaultRetention,
  type EventRow,
  emptyAggregate,
  type MetricsRow,
  type SeriesRow,
} from '../../../../src/controller/index.ts';
import { birth } from '../../../fakes/test-fleet.ts';
import { connectHere } from './connect-here.ts';

const minute = 60_000;
const hour = 3_600_000;
const t0 = Math.floor(1_790_000_000_000 / hour) * hour;
const series: SeriesRow[] = [
  { id: 1, name: 'fps', labels: { camera: 'front' }, unit: '1', kind: 'gauge' },
  { id: 2, name: 'latency', labels: {}, unit: 'seconds', kind: 'histogram' },
  { id: 3, name: 'frames', labels: {}, unit: '1', kind: 'counter' },
  { id: 4, name: 'fps', labels: { camera: 'rear' }, unit: '1', kind: 'gauge' },
];

let folder: string;
let file: string;
let store: SqliteStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-sqlite-'));
  file = join(folder, 'fleet.db');
  store = openHere();
});

function openHere(maxPages?: number): SqliteStore {
  const writer = connectHere({ file, role: 'writer', ...(maxPages === undefined ? {} : { maxPages }) });
  return new SqliteStore(writer, connectHere({ file, role: 'reader' }));
}
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

type Sample = readonly [timeMs: number, series: number, value: number];

function batch(device: string, sequence: number, samples: readonly Sample[], session = 1): MetricsRow {
  return {
    device,
    session,
    sequence,
    timesMs: Float64Array.from(samples, ([timeMs]) => timeMs),
    series: Uint32Array.from(samples, ([, id]) => id),
    values: Float64Array.from(samples, ([, , value]) => value),
    histograms: [],
  };
}

function event(id: string, change: Partial<EventRow> = {}): EventRow {
  return {
    id,
    device: 'd1',
    timeMs: t0,
    receivedMs: t0,
    kind: 'camera.lost',
    severity: 'error',
    message: 'm',
    ...change,
  };
}

const ask = (change: Partial<Parameters<SqliteStore['metrics']>[0]> = {}) =>
  store.metrics({
    devices: ['d1'],
    name: 'fps',
    labels: {},
    fromMs: t0,
    toMs: t0 + hour,
    stepMs: minute,
    ...change,
  });

describe('metrics', () => {
  test('come back as samples, as minutes and as hours, each series by itself', async () => {
    await store.commit({
      series,
      metrics: [
        batch('d1', 0, [
          [t0, 1, 10],
          [t0 + 1_000, 1, 20],
          [t0 + minute, 1, 40],
          [t0, 4, 7],
        ]),
      ],
    });
    const raw = await ask({ stepMs: 1_000 });
    expect(raw.tier).toBe('raw');
    expect(raw.series.map((one) => [one.labels, one.timeMs, one.last])).toEqual([
      [{ camera: 'front' }, [t0, t0 + 1_000, t0 + minute], [10, 20, 40]],
      [{ camera: 'rear' }, [t0], [7]],
    ]);
    const minutes = await ask({ labels: { camera: 'front' } });
    expect(minutes).toMatchObject({
      tier: 'minute',
      series: [{ timeMs: [t0, t0 + minute], avg: [15, 40], min: [10, 40], max: [20, 40] }],
    });
    const hours = await ask({ stepMs: hour, labels: { camera: 'front' } });
    expect(hours).toMatchObject({ tier: 'hour', series: [{ timeMs: [t0], avg: [70 / 3], count: [3] }] });
  });

  test('a batch that comes again is not counted again, in whatever order batches come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(12), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        async (sequences, perCommit) => {
          const device = `d${Math.abs(sequences.reduce((sum, value) => sum * 31 + value, perCommit))}-${sequences.length}`;
          // The same example may run twice while shrinking: a session of its own keeps runs apart.
          const session = Number(process.hrtime.bigint() % 1_000_000_000n);
          let duplicates = 0;
          const before = (await ask({ devices: [device] })).series[0]?.count[0] ?? 0;
          for (let from = 0; from < sequences.length; from += perCommit) {
            const part = sequences
              .slice(from, from + perCommit)
              .map((sequence) => batch(device, sequence, [[t0 + sequence, 1, sequence]], session));
            duplicates += (await store.commit({ series, metrics: part })).duplicateBatches;
          }
          const distinct = new Set(sequences).size;
          expect(duplicates).toBe(sequences.length - distinct);
          expect((await ask({ devices: [device] })).series[0]?.count[0]).toBe(before + distinct);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('roll-ups of any samples, in any batches, equal those worked out directly', async () => {
    const sample = fc.tuple(fc.integer({ min: 0, max: 3 * hour - 1 }), fc.integer({ min: -1000, max: 1000 }));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(sample, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        async (batches) => {
          const device = `r${run++}`;
          for (const [sequence, samples] of batches.entries())
            await store.commit({
              series,
              metrics: [
                batch(
                  device,
                  sequence,
                  samples.map(([at, value]) => [t0 + at, 1, value] as const),
                ),
              ],
            });
          for (const stepMs of [minute, hour]) {
            const expected = new Map<number, ReturnType<typeof emptyAggregate>>();
            for (const [at, value] of batches.flat()) {
              const start = t0 + Math.floor(at / stepMs) * stepMs;
              const into = expected.get(start) ?? emptyAggregate();
              expected.set(start, into);
              addSample(into, t0 + at, value);
            }
            const order = [...expected.keys()].sort((a, b) => a - b);
            const found = (await ask({ devices: [device], stepMs, toMs: t0 + 3 * hour })).series[0]!;
            expect(found.timeMs).toEqual(order);
            expect(found.count).toEqual(order.map((start) => expected.get(start)!.count));
            expect(found.min).toEqual(order.map((start) => expected.get(start)!.min));
            expect(found.max).toEqual(order.map((start) => expected.get(start)!.max));
            expect(found.last).toEqual(order.map((start) => expected.get(start)!.last));
            found.avg?.forEach((avg, index) => {
              const into = expected.get(order[index]!)!;
              expect(avg).toBeCloseTo(into.sum / into.count, 9);
            });
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test('quantiles of the fleet come from the buckets of all devices together', async () => {
    const histogram = (device: string, index: number, count: number): MetricsRow => ({
      ...batch(device, 0, [[t0, 2, Number.NaN]]),
      histograms: [{ index: 0, value: { buckets: [[index, count]], zeros: 0, sum: 1 } }],
    });
    await store.commit({ series, metrics: [histogram('d1', -40, 98), histogram('d2', 0, 2)] });
    const fleet = await ask({ devices: undefined, name: 'latency' });
    expect(fleet.series[0]?.count).toEqual([100]);
    expect(fleet.series[0]?.p50?.[0]).toBeLessThan(0.04);
    expect(fleet.series[0]?.p99?.[0]).toBeGreaterThan(1);
    const group = await ask({ devices: ['d1'], name: 'latency' });
    expect(group.series[0]?.p99?.[0]).toBeLessThan(0.04);
  });

  test('counters of the fleet add up device by device', async () => {
    await store.commit({
      series,
      metrics: ['d1', 'd2'].map((device) =>
        batch(device, 0, [
          [t0, 3, 100],
          [t0 + minute, 3, 160],
        ]),
      ),
    });
    const found = await ask({ devices: undefined, name: 'frames' });
    expect(found.series[0]).toMatchObject({ last: [200, 320], rate: [null, 2] });
  });

  test('an unknown name or device gives no series and no error', async () => {
    expect((await ask({ name: 'nothing' })).series).toEqual([]);
    expect((await ask({ devices: ['nobody'] })).series).toEqual([]);
  });
});

describe('events', () => {
  test('are kept once per device and id, and paged from the newest', async () => {
    const events = Array.from({ length: 5 }, (_, i) => event(`e${i}`));
    expect((await store.commit({ events })).events).toHaveLength(5);
    expect((await store.commit({ events: [...events, event('e0', { device: 'd2' })] })).events).toMatchObject(
      [{ device: 'd2', id: 'e0' }],
    );
    const first = await store.events({ limit: 4 });
    expect(first.events.map(({ id }) => id)).toEqual(['e0', 'e4', 'e3', 'e2']);
    const second = await store.events({ limit: 4, before: first.next! });
    expect(second.events.map(({ id }) => id)).toEqual(['e1', 'e0']);
    expect(second.next).toBeUndefined();
  });

  test('are found by device, by kind or its beginning, and from a severity on', async () => {
    await store.commit({
      events: [
        event('a', { kind: 'drift.alarm', severity: 'warning', camera: 'front', data: { p: 0.01 } }),
        event('b', { kind: 'drift', severity: 'info' }),
        event('c', { kind: 'driftwood', severity: 'critical', device: 'd2' }),
      ],
    });
    const ids = async (query: Parameters<SqliteStore['events']>[0]) =>
      (await store.events(query)).events.map(({ id }) => id);
    expect(await ids({ kind: 'drift' })).toEqual(['b', 'a']);
    expect(await ids({ severity: 'warning' })).toEqual(['c', 'a']);
    expect(await ids({ device: 'd2' })).toEqual(['c']);
    expect((await store.events({ kind: 'drift.alarm' })).events[0]).toMatchObject({
      camera: 'front',
      data: { p: 0.01 },
    });
  });
});

describe('everything else', () => {
  test('is there again after the store was closed and opened', async () => {
    const desired = { generation: 4, timeMs: t0 };
    const token = {
      id: 'a',
      name: 'ann',
      role: 'admin' as const,
      hash: 'ff',
      createdMs: t0,
      createdBy: 'system',
    };
    const group = {
      name: 'west',
      members: ['d1', 'later'],
      settings: { pipelines: { '*': { enabled: false } } },
    };
    await store.commit({
      series,
      changes: [
        { kind: 'device', device: { id: 'd1', lastSeenMs: t0, birth } },
        { kind: 'catalogue', catalogue: { device: 'd1', session: 1, aliases: [[1, 1]] } },
        { kind: 'settings', device: 'd1', settings: { pipelines: {} } },
        { kind: 'desired', device: 'd1', desired },
        { kind: 'group', group },
        { kind: 'token', token },
        { kind: 'token-used', id: 'a', lastUsedMs: t0 + 5 },
      ],
      metrics: [batch('d1', 0, [[t0, 1, 1]]), batch('d1', 1, [[t0, 1, 1]])],
      events: [event('e1')],
    });
    await store.close();
    store = openHere();
    const loaded = await store.load({ warningsMs: t0 - 1, incidentsMs: 0 });
    expect(loaded.devices).toEqual([
      {
        id: 'd1',
        lastSeenMs: t0,
        birth,
        settings: { pipelines: {} },
        desired,
        lastSequence: { session: 1, sequence: 1 },
      },
    ]);
    expect(loaded.series).toEqual(series);
    expect(loaded.catalogues).toEqual([{ device: 'd1', session: 1, aliases: [[1, 1]] }]);
    expect(loaded.groups).toEqual([group]);
    expect(loaded.tokens).toEqual([{ ...token, lastUsedMs: t0 + 5 }]);
    expect(loaded.recentWarnings).toEqual([{ device: 'd1', timeMs: t0 }]);
  });

  test('of a deleted device nothing is shown any more, and one of the same name begins anew', async () => {
    await store.commit({ series, metrics: [batch('d1', 0, [[t0, 1, 1]])], events: [event('e1')] });
    await store.commit({ changes: [{ kind: 'device-deleted', id: 'd1' }] });
    expect((await store.events({})).events).toEqual([]);
    expect((await ask()).series).toEqual([]);
    expect((await store.commit({ metrics: [batch('d1', 0, [[t0, 1, 5]])] })).duplicateBatches).toBe(0);
    expect((await ask()).series[0]?.last).toEqual([5]);
  });

  test('a commit that fails in the middle leaves nothing of itself', async () => {
    const broken = { ...event('x'), message: null as unknown as string };
    await expect(
      store.commit({ series, metrics: [batch('d1', 0, [[t0, 1, 1]])], events: [broken] }),
    ).rejects.toMatchObject({ code: 'database-failed' });
    expect((await ask()).series).toEqual([]);
    expect((await store.commit({ series, metrics: [batch('d1', 0, [[t0, 1, 1]])] })).duplicateBatches).toBe(
      0,
    );
  });
});

describe('the audit', () => {
  const draft = (target: string): AuditDraft => ({
    timeMs: t0,
    actor: 'ann',
    action: 'a.b',
    target,
    result: 'ok',
    detail: '{}',
  });

  test('is a chain that shows a row changed behind our back, and refuses change by SQL', async () => {
    await store.commit({ audit: [draft('1'), draft('2')] });
    await store.commit({ audit: [draft('3')] });
    expect(await store.checkAudit()).toEqual({ intact: true, entries: 3 });
    expect((await store.audit(3, 10)).map(({ target }) => target)).toEqual(['2', '1']);
    const other = new DatabaseSync(file);
    expect(() => other.exec("UPDATE audit SET actor = 'eve'")).toThrow(/append-only/);
    expect(() => other.exec('DELETE FROM audit')).toThrow(/append-only/);
    other.exec("DROP TRIGGER audit_no_update; UPDATE audit SET actor = 'eve' WHERE seq = 2");
    other.close();
    expect(await store.checkAudit()).toEqual({ intact: false, entries: 3, brokenAt: 2 });
  });
});

describe('retention', () => {
  test('drops what is too old, tier by tier, and never the rest', async () => {
    for (let i = 0; i < 120; i++)
      await store.commit({ series, metrics: [batch('d1', i, [[t0 + i * minute, 1, i]])] });
    const long = { maxAgeMs: 10 ** 12, maxBytes: 10 ** 12 };
    const retention = {
      raw: { ...long, maxAgeMs: 30 * minute },
      minute: { ...long, maxAgeMs: hour },
      hour: long,
      events: long,
      drift: long,
      alerts: long,
    };
    await store.retain(retention, t0 + 120 * minute);
    expect((await ask({ toMs: t0 + 2 * hour, stepMs: hour })).series[0]?.count).toEqual([60, 60]);
    const minutes = await ask({ fromMs: t0 + hour, toMs: t0 + 2 * hour });
    expect(minutes.series[0]?.count).toHaveLength(60);
    const raw = await ask({ fromMs: t0 + 90 * minute, toMs: t0 + 2 * hour, stepMs: 1_000 });
    expect(raw).toMatchObject({ tier: 'raw' });
    expect(raw.series[0]?.timeMs[0]).toBe(t0 + 90 * minute);
    // Where the finer tier does not reach back any more, the coarser answers.
    expect((await ask({ fromMs: t0 + 70 * minute, toMs: t0 + 2 * hour, stepMs: 1_000 })).tier).toBe('minute');
    expect((await ask({ fromMs: t0, toMs: t0 + 2 * hour })).tier).toBe('hour');
    // A repeat of a batch that is long gone is still a repeat.
    expect((await store.commit({ metrics: [batch('d1', 3, [[t0, 1, 3]])] })).duplicateBatches).toBe(1);
  });

  test('keeps every tier within its bytes, and gives the space back', async () => {
    const noise = (seed: number) =>
      Array.from(
        { length: 2_000 },
        (_, i) => [t0 + seed * 1_000 + i, 1, Math.sin(seed * 2_000 + i)] as const,
      );
    for (let i = 0; i < 600; i++)
      await store.commit({
        series,
        metrics: [batch('d1', i, noise(i))],
        events: [event(`e${i}`, { message: 'x'.repeat(500) })],
      });
    const before = await store.sizeBytes();
    const retention = {
      ...defaultRetention,
      raw: { maxAgeMs: 10 ** 12, maxBytes: 1_000_000 },
      events: { maxAgeMs: 10 ** 12, maxBytes: 10_000 },
    };
    for (let turn = 0; turn < 10; turn++) await store.retain(retention, t0);
    expect(await store.sizeBytes()).toBeLessThan(before / 2);
    const left = (await store.events({ limit: 1000 })).events;
    expect(left.length).toBeLessThanOrEqual(10_000 / 650 + 1);
    expect(left[0]?.id).toBe('e599');
  });
});

describe('a database in trouble', () => {
  test('that is full says so, keeps what it has, and works again', async () => {
    await store.close();
    store = openHere(60);
    let stored = 0;
    let fault: unknown;
    for (let i = 0; fault === undefined && i < 1_000; i++)
      await store.commit({ events: [event(`e${i}`, { message: 'x'.repeat(2_000) })] }).then(
        () => (stored += 1),
        (error) => (fault = error),
      );
    expect(fault).toMatchObject({ code: 'database-full', remedy: expect.stringContaining('Free space') });
    expect(await store.load({ warningsMs: 0, incidentsMs: 0 })).toMatchObject({ devices: [{ id: 'd1' }] });
    await store.close();
    store = openHere();
    expect((await store.events({ limit: 1000 })).events).toHaveLength(stored);
    await store.commit({ events: [event('more')] });
  });

  test('that is no database, or of a newer version, or nowhere, is refused in words', () => {
    const open = (path: string) => () => new DatabaseService({ file: path, role: 'writer' });
    const garbage = join(folder, 'garbage.db');
    writeFileSync(garbage, 'this is not a database, it is a text that is long enough to be looked at');
    expect(open(garbage)).toThrow(expect.objectContaining({ code: 'database-corrupt' }));
    expect(open(join(folder, 'no', 'such', 'folder.db'))).toThrow(
      expect.objectContaining({ code: 'database-unopenable' }),
    );
    const newer = join(folder, 'newer.db');
    const db = new DatabaseSync(newer);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(open(newer)).toThrow(expect.objectContaining({ code: 'database-newer', name: 'RefusedError' }));
  });

  test('damaged in its middle says so when it is read', async () => {
    for (let i = 0; i < 300; i++)
      await store.commit({ events: [event(`e${i}`, { message: 'x'.repeat(500) })] });
    await store.close();
    const bytes = readFileSync(file);
    // The first pages are roots of tables that are empty here; the events lie behind them.
    const middle = Math.floor(bytes.length / 8192 / 2);
    bytes.fill(0x5a, 8192 * middle, 8192 * (middle + 12));
    writeFileSync(file, bytes);
    store = openHere();
    await expect(store.events({ limit: 1000 })).rejects.toMatchObject({ code: 'database-corrupt' });
  });

  test('that a controller has is refused to a second one, and free again when the first has gone', async () => {
    expect(openHere).toThrow(
      expect.objectContaining({ code: 'database-locked', message: expect.stringContaining(file) }),
    );
    await store.commit({ events: [event('e1')] });
    await store.close();
    store = openHere();
    expect((await store.events({ limit: 10 })).events).toHaveLength(1);
  });

  test('that another program holds is waited for, then refused in words', async () => {
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.commit({ events: [event('e1')] })).rejects.toMatchObject({ code: 'database-locked' });
    other.exec('ROLLBACK');
    other.close();
    expect((await store.commit({ events: [event('e1')] })).events).toHaveLength(1);
  });
});

describe('with its threads', () => {
  test('commits and answers run off the main thread, and errors keep their class', async () => {
    await store.close();
    store = await SqliteStore.open({ file });
    await store.commit({ series, metrics: [batch('d1', 0, [[t0, 1, 5]])], events: [event('e1')] });
    expect((await ask()).series[0]?.last).toEqual([5]);
    const wide = store.metrics({
      devices: ['d1'],
      name: 'fps',
      labels: {},
      fromMs: t0,
      toMs: t0 + 10 ** 12,
      stepMs: 61 * 60_000 - 60_000 * 2,
    });
    await expect(wide).rejects.toMatchObject({ name: 'LimitError', code: 'range-too-wide' });
    await store.close();
    await expect(store.commit({})).rejects.toMatchObject({ code: 'cancelled' });
    const garbage = join(folder, 'garbage.db');
    writeFileSync(garbage, 'not a database '.repeat(100));
    await expect(SqliteStore.open({ file: garbage })).rejects.toMatchObject({ code: 'database-corrupt' });
  });
});
