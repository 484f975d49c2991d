import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteStore } from '../../../../src/adapters/sqlite/index.ts';
import { schemaVersion } from '../../../../src/adapters/sqlite/schema.ts';
import { DatabaseService } from '../../../../src/adapters/sqlite/service.ts';
import {
  type AuditDraft,
  defaultRetention,
  type EventRow,
  type MetricsRow,
  type SeriesRow,
} from '../../../../src/controller/index.ts';
import { openSqliteStore } from '../../../fixtures/sqlite-store.ts';

const minute = 60_000;
const hour = 3_600_000;
const t0 = Math.floor(1_790_000_000_000 / hour) * hour;
const series: SeriesRow[] = [{ id: 1, name: 'fps', labels: { camera: 'front' }, unit: '1', kind: 'gauge' }];

// What it promises as a Store is in test/contract/store.ts.

let folder: string;
let file: string;
let store: SqliteStore;
const openHere = (maxPages?: number) => openSqliteStore(file, maxPages);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-sqlite-'));
  file = join(folder, 'fleet.db');
  store = openHere();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

type Sample = readonly [timeMs: number, series: number, value: number];

function batch(device: string, sequence: number, samples: readonly Sample[]): MetricsRow {
  return {
    device,
    session: 1,
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

describe('a commit', () => {
  test('that fails in the middle leaves nothing of itself', async () => {
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

describe('the files', () => {
  const open = () => readdirSync(folder).filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0);

  test('are for their user alone, also those that an earlier version made for everybody', async () => {
    await store.commit({ series });
    const made = ['fleet.db', 'fleet.db-shm', 'fleet.db-wal', 'fleet.db.lock'];
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(made));
    expect(open()).toEqual([]);
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
    await store.close();
    store = openHere();
    await store.commit({ series });
    expect(open()).toEqual([]);
  });
});

describe('a session whose number a device used twice', () => {
  test('loses nothing, also of a life with more batches than contents are kept, which are bounded', async () => {
    const life = (value: number, count: number) =>
      Array.from({ length: count }, (_, sequence) => ({
        ...batch('d1', sequence, [[t0 + sequence, 1, value]]),
        content: 10 * sequence + value,
      }));
    await store.commit({ series, metrics: life(1, 3_000) });
    const other = new DatabaseSync(file);
    expect(other.prepare('SELECT count(*) AS kept FROM batch_content').get()).toEqual({ kept: 1_088 });
    other.close();
    const again = await store.commit({ metrics: life(2, 2_000) });
    expect(again.duplicateBatches).toBe(0);
    expect(again.repeatedSessions).toHaveLength(2_000);
    expect((await store.commit({ metrics: life(2, 2_000).slice(-500) })).duplicateBatches).toBe(500);
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

  test('is not held up by rows of a time when the clock was a year ahead, and takes them along', async () => {
    const year = 366 * 24 * hour;
    const ahead = Array.from({ length: 1_200 }, (_, i) => event(`f${i}`, { receivedMs: t0 + year }));
    await store.commit({ events: [event('first', { receivedMs: t0 }), ...ahead] });
    await store.commit({ series, metrics: [batch('d1', 0, [[t0 + year, 1, 1]])] });
    await store.commit({ events: [event('second', { receivedMs: t0 + hour })] });
    await store.commit({ events: [event('third', { receivedMs: t0 + 3 * hour })] });
    const retention = { ...defaultRetention, events: { maxAgeMs: hour, maxBytes: 10 ** 9 } };
    await store.retain(retention, t0 + 3 * hour);
    expect((await store.events({})).events.map(({ id }) => id)).toEqual(['third']);
    const tight = { ...retention, events: { maxAgeMs: 10 ** 12, maxBytes: 0 } };
    await store.commit({ events: [event('late', { receivedMs: t0 + year })] });
    await store.retain(tight, t0 + 3 * hour);
    expect((await store.events({})).events).toEqual([]);
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

  test('of a device that floods costs the others no event and no sample', async () => {
    const flood = (from: number) =>
      Array.from({ length: 500 }, (_, i) =>
        event(`flood${from + i}`, { device: 'flood', message: 'x'.repeat(2_000) }),
      );
    const noise = (sequence: number) =>
      batch(
        'flood',
        sequence,
        Array.from({ length: 2_000 }, (_, i) => [t0 + i, 1, Math.sin(sequence * 2_000 + i)] as const),
      );
    for (let i = 0; i < 20; i++) {
      await store.commit({ series, metrics: [batch('d1', i, [[t0 + i, 1, i]])], events: [event(`e${i}`)] });
      await store.commit({
        metrics: Array.from({ length: 10 }, (_, at) => noise(10 * i + at)),
        events: flood(500 * i),
      });
      const limit = { maxAgeMs: 10 ** 12, maxBytes: 100_000 };
      await store.retain({ ...defaultRetention, raw: limit, events: limit }, t0);
    }
    const kept = await store.events({ device: 'd1', limit: 1000 });
    expect(kept.events).toHaveLength(20);
    const all = (await store.events({ limit: 1000 })).events;
    expect(all.some(({ id }) => id === 'flood9999')).toBe(true);
    expect(all.length - 20).toBeLessThanOrEqual(100_000 / 2_150 + 1);
    const raw = await ask({ devices: ['d1'], fromMs: t0, toMs: t0 + 1000, stepMs: 1000 });
    expect(raw).toMatchObject({ tier: 'raw', series: [{ count: [20] }] });
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

  test('that is no database, or of another schema, or nowhere, is refused in words', () => {
    const open = (path: string) => () => new DatabaseService({ file: path, role: 'writer' });
    const garbage = join(folder, 'garbage.db');
    writeFileSync(garbage, 'this is not a database, it is a text that is long enough to be looked at');
    expect(open(garbage)).toThrow(expect.objectContaining({ code: 'database-corrupt' }));
    expect(open(join(folder, 'no', 'such', 'folder.db'))).toThrow(
      expect.objectContaining({ code: 'database-unopenable' }),
    );
    for (const [name, sql, schema] of [
      ['newer', 'PRAGMA user_version = 2', 2],
      ['foreign', 'CREATE TABLE song (title TEXT)', 0],
    ] as const) {
      const other = join(folder, `${name}.db`);
      const db = new DatabaseSync(other);
      db.exec(sql);
      db.close();
      const message = expect.stringContaining(`${other} has schema ${schema}, and`);
      expect(open(other)).toThrow(expect.objectContaining({ code: 'database-schema', message }));
    }
  });

  test('of a build before 0.1.0 is refused, and says which tables differ', async () => {
    await store.close();
    const older = new DatabaseSync(file);
    older.exec('DROP TABLE approvals; ALTER TABLE device DROP COLUMN told_online');
    older.close();
    expect(openHere).toThrow(
      expect.objectContaining({
        code: 'database-schema',
        message: expect.stringMatching(/before 0\.1\.0: device, approvals are missing or different/),
      }),
    );
    store = openSqliteStore(join(folder, 'other.db'));
  });

  test('states a schema whose tables never change', () => {
    const db = new DatabaseSync(file);
    const tables = db
      .prepare(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .all()
      .map((row) => String(row.sql).replaceAll(/--.*$/gm, '').replaceAll(/\s+/g, ' '));
    db.close();
    const hash = createHash('sha256').update(tables.join(';')).digest('hex').slice(0, 16);
    // A new table or column is a new schema: give it the next number, and a step from this one, in schema.ts.
    expect([schemaVersion, hash]).toEqual([1, 'ced6ccfa33f2ec75']);
  });

  test('damaged in its middle says so when it is read', async () => {
    for (let i = 0; i < 300; i++)
      await store.commit({ events: [event(`e${i}`, { message: 'x'.repeat(500) })] });
    await store.close();
    const bytes = readFileSync(file);
    // The first pages are roots of tables that are empty here; the events lie behind them.
    bytes.fill(0x5a, bytes.length - 8192 * 13, bytes.length - 8192);
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
