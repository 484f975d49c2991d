import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SqliteStore } from '../../../../src/adapters/sqlite/index.ts';
import type { DriftIncident } from '../../../../src/api/index.ts';
import { type Change, defaultRetention } from '../../../../src/controller/index.ts';
import { incidentOf, incidentRow } from '../../../fakes/drift-events.ts';
import { openSqliteStore } from '../../../fixtures/sqlite-store.ts';

const day = 86_400_000;
const t0 = 1_790_000_000_000;
let folder: string;
let file: string;
let store: SqliteStore;

const openHere = () => openSqliteStore(file);

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
const _load = () => store.load({ warningsMs: 0, incidentsMs: t0 - 7 * day });

describe('drift in the database', () => {
  test('of a controller that knew no grades is read as alarms', async () => {
    const { grade: _, ...old } = incidentOf('d3', t0, { id: 'old' });
    await write({ kind: 'drift-incident', row: incidentRow(old as DriftIncident) });
    expect(await store.driftIncident('old')).toMatchObject({ incident: { grade: 'alarm' } });
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
});
