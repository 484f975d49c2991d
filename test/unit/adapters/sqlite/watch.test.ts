import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteStore } from '../../../../src/adapters/sqlite/index.ts';
import type { Request, WorkerSetup } from '../../../../src/adapters/sqlite/messages.ts';
import { DatabaseService } from '../../../../src/adapters/sqlite/service.ts';
import type { Connection } from '../../../../src/adapters/sqlite/sqlite-store.ts';
import type { Alert, DriftIncident } from '../../../../src/api/index.ts';
import { type AlertRuleRow, type Change, defaultRetention } from '../../../../src/controller/index.ts';
import { driftData, driftEvent, frozen, incidentOf, incidentRow } from '../../../fakes/drift-events.ts';

const day = 86_400_000;
const t0 = 1_790_000_000_000;
let folder: string;
let file: string;
let store: SqliteStore;

function openHere(): SqliteStore {
  const connection = (setup: WorkerSetup): Connection => {
    const service = new DatabaseService(setup);
    const ask = async <T>(request: Request) => structuredClone(service.answer(structuredClone(request))) as T;
    return { ask, close: () => ask({ op: 'close' }) };
  };
  return new SqliteStore(connection({ file, role: 'writer' }), connection({ file, role: 'reader' }));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-watch-'));
  file = join(folder, 'fleet.db');
  store = openHere();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (...changes: Change[]) => store.commit({ changes });
const incident = (device: string, startedMs: number, change: Partial<DriftIncident> = {}): Change => ({
  kind: 'drift-incident',
  row: incidentRow(incidentOf(device, startedMs, { id: `${device}.${startedMs}`, ...change })),
});
const alert = (id: string, firedMs: number, change: Partial<Alert> = {}): Change => ({
  kind: 'alert',
  alert: {
    ...{ id, rule: 'r1', ruleName: 'blind', severity: 'error', state: 'firing', subject: 'd1/front' },
    ...{ device: 'd1', summary: 'blind', sinceMs: firedMs, firedMs, notified: 1 },
    ...change,
  },
});
const rule: AlertRuleRow = {
  ...{ id: 'r1', name: 'blind', enabled: true, when: { kind: 'offline' }, forSeconds: 60 },
  ...{ scope: { groups: [], devices: [] }, severity: 'error', renotifyMinutes: 0 },
  ...{
    webhook: { url: 'https://h.example/', signed: true },
    webhookSecret: 'key',
    createdMs: 1,
    changedMs: 1,
  },
};
const load = () => store.load({ warningsMs: 0, incidentsMs: t0 - 7 * day });

describe('drift in the database', () => {
  test('survives: open incidents however old, ended ones of the last week, rules with their key, alerts', async () => {
    await write(
      incident('d1', t0 - 90 * day),
      incident('d1', t0 - 90 * day - 1, { endedMs: t0 - 89 * day }),
      incident('d2', t0 - day, { endedMs: t0 }),
      { kind: 'alert-rule', rule },
      alert('a1', t0),
      alert('a2', t0, { state: 'resolved', delivery: { state: 'delivered', timeMs: t0, attempts: 1 } }),
      alert('a3', t0, { state: 'resolved', delivery: { state: 'waiting', timeMs: t0, attempts: 1 } }),
    );
    await store.close();
    store = openHere();
    const loaded = await load();
    expect(loaded.drift.incidents.map((row) => row.incident.id)).toEqual([
      `d1.${t0 - 90 * day}`,
      `d2.${t0 - day}`,
    ]);
    expect(loaded.alertRules).toEqual([rule]);
    expect(loaded.alerts.map(({ id }) => id).sort()).toEqual(['a1', 'a3']);
    await write({ kind: 'alert-rule-deleted', id: 'r1' });
    expect((await load()).alertRules).toEqual([]);
  });

  test('gives the drift events that no incident has yet', async () => {
    const of = (seq: number, kind: 'drift.alarm' | 'drift.cleared') => {
      const { seq: _, ...row } = driftEvent(seq, 'd1', kind, driftData(frozen), t0);
      return row;
    };
    const events = [
      of(1, 'drift.alarm'),
      { ...of(2, 'drift.alarm'), kind: 'camera.lost' },
      of(3, 'drift.cleared'),
    ];
    await store.commit({ events });
    expect((await load()).drift).toMatchObject({ newestSeq: 3, events: [{ seq: 1 }, { seq: 3 }] });
    const row = { ...incidentRow(incidentOf('d1', t0)), seq: 1 };
    await write({ kind: 'drift-incident', row });
    expect((await load()).drift.events.map(({ seq }) => seq)).toEqual([3]);
  });

  test('keeps one row per incident, with its picture beside it', async () => {
    const view = { width: 2, height: 1, grey: 'AAE=' };
    const id = `d1.${t0}`;
    // Of the changes of one commit the newest of an incident comes last, so the picture may be first.
    await write({ kind: 'drift-view', incident: id, view }, incident('d1', t0));
    await write(incident('d1', t0, { endedMs: t0 + 1, message: 'over' }));
    expect(await store.driftIncident(id)).toMatchObject({ incident: { message: 'over' }, view });
    expect(await store.driftIncident('none')).toBeUndefined();
    // As a controller wrote it that knew no grades.
    const { grade: _, ...old } = incidentOf('d3', t0, { id: 'old' });
    await write({ kind: 'drift-incident', row: incidentRow(old as DriftIncident) });
    expect(await store.driftIncident('old')).toMatchObject({ incident: { grade: 'alarm' } });
  });

  test('finds incidents by device, devices, camera and state, newest first, page by page', async () => {
    for (let i = 0; i < 10; i++)
      await write(incident(i % 2 === 0 ? 'd1' : 'd2', t0 + i, i < 4 ? { endedMs: t0 + 100 } : {}));
    const started = (page: { incidents: readonly DriftIncident[] }) =>
      page.incidents.map(({ startedMs }) => startedMs - t0);
    expect(started(await store.driftIncidents({ device: 'd1' }))).toEqual([8, 6, 4, 2, 0]);
    expect(started(await store.driftIncidents({ devices: ['d2', 'd9'] }))).toEqual([9, 7, 5, 3, 1]);
    expect(started(await store.driftIncidents({ devices: [] }))).toEqual([]);
    expect(started(await store.driftIncidents({ open: false }))).toEqual([3, 2, 1, 0]);
    expect(started(await store.driftIncidents({ camera: 'rear' }))).toEqual([]);
    const seen: number[] = [];
    let before: number | undefined;
    do {
      const page = await store.driftIncidents({ limit: 3, ...(before === undefined ? {} : { before }) });
      seen.push(...started(page));
      before = page.next;
    } while (before !== undefined);
    expect(seen).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  test('leaves out no incident that began in the same millisecond as the last of a page', async () => {
    for (let i = 0; i < 6; i++) await write(incident(`d${i}`, t0 + Math.floor(i / 3)));
    const first = await store.driftIncidents({ limit: 4 });
    expect(first.incidents).toHaveLength(3);
    expect((await store.driftIncidents({ limit: 4, before: first.next! })).incidents).toHaveLength(3);
    expect((await store.driftIncidents({ limit: 2 })).incidents).toHaveLength(3);
  });

  test('finds alerts by state, severity, device and rule', async () => {
    await write(
      alert('a1', t0),
      alert('a2', t0 + 1, { state: 'resolved', severity: 'warning', device: 'd2' }),
      alert('a3', t0 + 2, { rule: 'r2' }),
    );
    const ids = async (query: Parameters<typeof store.alerts>[0]) =>
      (await store.alerts(query)).alerts.map(({ id }) => id);
    expect(await ids({})).toEqual(['a3', 'a2', 'a1']);
    expect(await ids({ state: 'firing' })).toEqual(['a3', 'a1']);
    expect(await ids({ severity: 'error' })).toEqual(['a3', 'a1']);
    expect(await ids({ device: 'd2' })).toEqual(['a2']);
    expect(await ids({ rule: 'r2' })).toEqual(['a3']);
    expect(await ids({ before: t0 + 1 })).toEqual(['a1']);
  });

  test('tells the changes of state of a device, newest first', async () => {
    const change = (state: 'learning' | 'watching', timeMs: number, profileDigest?: string): Change => ({
      kind: 'drift-status',
      device: 'd1',
      change: { camera: 'front', timeMs, state, ...(profileDigest === undefined ? {} : { profileDigest }) },
    });
    await write(change('learning', t0), change('watching', t0 + 1, 'sha256:x'));
    expect(await store.driftHistory('d1', 10)).toEqual([
      { camera: 'front', timeMs: t0 + 1, state: 'watching', profileDigest: 'sha256:x' },
      { camera: 'front', timeMs: t0, state: 'learning' },
    ]);
    expect(await store.driftHistory('d2', 10)).toEqual([]);
  });

  test('drops with the retention what is over and old, and never what lasts or holds', async () => {
    await write(
      incident('d1', t0 - 500 * day),
      incident('d2', t0 - 500 * day, { endedMs: t0 - 499 * day }),
      incident('d3', t0 - day, { endedMs: t0 }),
      alert('a1', t0 - 500 * day),
      alert('a2', t0 - 500 * day, { state: 'resolved' }),
      ...[500, 499].map(
        (days): Change => ({
          kind: 'drift-status',
          device: 'd1',
          change: { camera: 'front', timeMs: t0 - days * day, state: 'watching' },
        }),
      ),
    );
    await store.retain(defaultRetention, t0);
    const devices = (await store.driftIncidents({})).incidents.map(({ device }) => device);
    expect(devices.sort()).toEqual(['d1', 'd3']);
    expect((await store.alerts({})).alerts.map(({ id }) => id)).toEqual(['a1']);
    expect(await store.driftHistory('d1', 10)).toHaveLength(1);
  });

  test('stays within its bytes, the oldest going first', async () => {
    for (let i = 0; i < 40; i++)
      await write(incident('d1', t0 + i, { endedMs: t0 + 100 }), {
        kind: 'drift-view',
        incident: `d1.${t0 + i}`,
        view: { width: 64, height: 36, grey: 'A'.repeat(3072) },
      });
    const maxBytes = 40_000;
    await store.retain({ ...defaultRetention, drift: { maxAgeMs: 10 * day, maxBytes } }, t0 + day);
    const left = (await store.driftIncidents({ limit: 1000 })).incidents.map(
      ({ startedMs }) => startedMs - t0,
    );
    expect(left.length).toBeGreaterThan(5);
    expect(left.length).toBeLessThan(14);
    expect(left[0]).toBe(39);
  });

  test('goes with its device', async () => {
    await write(incident('d1', t0), incident('d2', t0), {
      kind: 'drift-status',
      device: 'd1',
      change: { camera: 'front', timeMs: t0, state: 'watching' },
    });
    await write({ kind: 'device-deleted', id: 'd1' });
    expect((await store.driftIncidents({})).incidents.map(({ device }) => device)).toEqual(['d2']);
    expect((await load()).drift.incidents).toHaveLength(1);
  });
});

describe('series that nobody names', () => {
  const series = [
    { id: 1, name: 'fps', labels: {}, unit: '1', kind: 'gauge' as const },
    { id: 2, name: 'old', labels: {}, unit: '1', kind: 'gauge' as const },
  ];

  test('are marked with their last use and dropped, with the catalogues of devices that are gone', async () => {
    await store.commit({
      series,
      changes: [{ kind: 'catalogue', catalogue: { device: 'd1', session: 1, aliases: [[1, 2]] } }],
    });
    await write({ kind: 'series-used', uses: [[2, t0]] });
    expect((await load()).seriesUse).toEqual([[2, t0]]);
    await write({ kind: 'series-dropped', ids: [2] }, { kind: 'catalogues-dropped', device: 'd1' });
    const loaded = await load();
    expect(loaded.series.map(({ id }) => id)).toEqual([1]);
    expect(loaded.catalogues).toEqual([]);
    expect(loaded.devices).toMatchObject([{ id: 'd1' }]);
  });
});

describe('a database of the version before', () => {
  test('gets the new tables and keeps what it had', async () => {
    await store.commit({
      series: [{ id: 1, name: 'fps', labels: {}, unit: '1', kind: 'gauge' }],
      changes: [{ kind: 'seen', id: 'd1', lastSeenMs: t0 }],
    });
    await store.close();
    // As the first version left it: its tables alone.
    const db = new DatabaseSync(file);
    db.exec(
      'DROP TABLE drift_incident; DROP TABLE drift_view; DROP TABLE drift_status; DROP TABLE alert_rule; DROP TABLE alert; ALTER TABLE series DROP COLUMN used_ms',
    );
    db.exec("DELETE FROM usage WHERE tier IN ('drift', 'alerts'); PRAGMA user_version = 1");
    db.close();
    store = openHere();
    await write(incident('d1', t0));
    expect(await load()).toMatchObject({
      devices: [{ id: 'd1' }],
      series: [{ id: 1 }],
      drift: { incidents: [{ incident: { device: 'd1' } }] },
    });
  });
});
