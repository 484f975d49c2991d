import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresTransferTarget } from '../../../../src/adapters/postgres/index.ts';
import { SqliteTransferSource } from '../../../../src/adapters/sqlite/index.ts';
import type { Store, TransferTarget } from '../../../../src/controller/index.ts';
import { migrate } from '../../../../src/runtime/controller/migrate.ts';
import { noProgress } from '../../../../src/runtime/progress.ts';
import {
  alert,
  batch,
  event,
  hour,
  incident,
  minute,
  rule,
  series,
  status,
  t0,
  token,
} from '../../../contract/store/rows.ts';
import { birth } from '../../../fakes/test-fleet.ts';
import { PostgresServer, postgresMissing } from '../../../fixtures/postgres-server.ts';
import { openPostgresStore } from '../../../fixtures/postgres-store.ts';
import { openSqliteStore } from '../../../fixtures/sqlite-store.ts';

let server: PostgresServer;
let folder: string;
let file: string;

async function fill(store: Store): Promise<void> {
  const draft = {
    timeMs: t0,
    actor: 'ann',
    action: 'a.b',
    target: 't',
    result: 'ok',
    detail: '{"a":"\\u0000"}',
  };
  await store.commit({
    series,
    changes: [
      { kind: 'device', device: { id: 'gone', lastSeenMs: t0 } },
      { kind: 'device', device: { id: 'd1', lastSeenMs: t0 + 0.5, birth } },
      { kind: 'presence', id: 'd1', online: true },
      { kind: 'catalogue', catalogue: { device: 'd1', session: 1, aliases: [[1, 1]] } },
      { kind: 'settings', device: 'd1', settings: { pipelines: {} } },
      { kind: 'desired', device: 'd1', desired: { generation: 4, timeMs: t0 } },
      { kind: 'group', group: { name: 'west', members: ['later', 'd1'], settings: { pipelines: {} } } },
      { kind: 'token', token },
      { kind: 'token-used', id: 'a', lastUsedMs: t0 + 5 },
      { kind: 'alert-rule', rule },
      {
        kind: 'frame-reviews',
        reviews: { device: 'd1', reviews: { '1-0': { verdict: 'rejected', by: 'ann', timeMs: t0 } } },
      },
      { kind: 'labels', labels: { device: 'd1', labels: { site: 'wëst "1"' } } },
      { kind: 'approval-rules', rules: [] },
      { kind: 'series-used', uses: [[2, t0]] },
      { kind: 'rollout-deleted', id: 'x', name: 'old', goneMs: t0 },
      incident('d1', t0),
      { kind: 'drift-view', incident: `d1.${t0}`, view: { width: 2, height: 1, grey: 'AAE=' } },
      status('watching', t0),
      alert('a1', t0),
      { kind: 'device-deleted', id: 'gone' },
    ],
    audit: [draft, { ...draft, target: 'u' }],
    events: [event('e1', { message: 'nul \0 in it', data: { deep: ['a'] } }), event('e2', { device: 'd2' })],
  });
  for (let sequence = 0; sequence < 50; sequence++)
    await store.commit({
      metrics: ['d1', 'd2'].map((device) => ({
        ...batch(device, sequence === 9 ? 60 : sequence, [
          [t0 + sequence * minute, 1, sequence],
          [t0 + sequence * minute, 3, 2 * sequence],
        ]),
        content: sequence,
      })),
    });
}

const questions = (store: Store) =>
  Promise.all([
    store.load({ warningsMs: 0, incidentsMs: 0 }).then((fleet) => ({
      ...fleet,
      catalogues: [...fleet.catalogues],
      series: [...fleet.series].sort((a, b) => a.id - b.id),
    })),
    store
      .events({})
      .then(({ events }) => events.map((one) => ({ ...one, message: one.message.replace('\0', '\ufffd') }))),
    store.audit({ limit: 10 }),
    store.checkAudit(),
    store.driftIncident(`d1.${t0}`),
    store.driftHistory('d1', 10),
    store.alerts({}),
    ...[['d1'], undefined].flatMap((devices) =>
      [1_000, minute, hour].map((stepMs) =>
        store.metrics({ devices, name: 'fps', labels: {}, fromMs: t0, toMs: t0 + hour, stepMs }),
      ),
    ),
  ]);

beforeAll(async () => {
  if (postgresMissing === undefined) server = await PostgresServer.start();
});
afterAll(() => server?.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-migrate-'));
  file = join(folder, 'controller.db');
  await server?.sql('DROP SCHEMA IF EXISTS goshawk CASCADE');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(postgresMissing !== undefined)('a migration from SQLite to PostgreSQL', () => {
  async function run(through: (target: TransferTarget) => TransferTarget = (target) => target) {
    const source = new SqliteTransferSource(file);
    const target = await PostgresTransferTarget.open(server.address, Date.now());
    try {
      return await migrate(source, through(target), noProgress);
    } finally {
      await target.close();
      source.close();
    }
  }

  it('gives the same answers afterwards, and numbers go on', async () => {
    const before = openSqliteStore(file);
    await fill(before);
    const expected = await questions(before);
    await before.close();
    const tables = await run();
    expect(Object.fromEntries(tables.map(({ table, rows }) => [table, rows]))).toMatchObject({
      ...{ device: 2, series: 4, received: 2, audit: 2, event: 2, raw: 100, hour: 3, document: 7 },
    });
    const after = await openPostgresStore(server.address);
    expect(await questions(after)).toEqual(expected);
    const next = await after.commit({
      events: [event('e3', { device: 'd3' }), event('e1')],
      metrics: [{ ...batch('d1', 3, [[t0, 1, 1]]), content: 3 }],
    });
    expect(next).toMatchObject({ duplicateBatches: 1, events: [{ seq: 3, id: 'e3' }] });
    await after.close();
    const numbers = await server.sql(`SELECT id FROM goshawk.device WHERE name = 'd3'`);
    expect(numbers).toEqual([{ id: 4 }]);
  });

  it('that is cut short goes on where it was, and no controller starts with half of it', async () => {
    const before = openSqliteStore(file);
    await fill(before);
    await before.close();
    let left = 0;
    const cut = (target: TransferTarget): TransferTarget => ({
      positions: () => target.positions(),
      rows: (table) => target.rows(table),
      finish: (numbers) => target.finish(numbers),
      close: () => target.close(),
      async write(table, part) {
        if (left-- === 0) throw new Error('cut');
        await target.write(table, part);
      },
    });
    for (const writes of [0, 1, 4, 9]) {
      left = writes;
      await expect(run(cut)).rejects.toThrow('cut');
    }
    await expect(openPostgresStore(server.address)).rejects.toMatchObject({ code: 'database-half' });
    expect(await run()).toHaveLength(15);
    await (await openPostgresStore(server.address)).close();
    await expect(run()).rejects.toMatchObject({ code: 'database-used' });
  });

  it('is an error where a row differs', async () => {
    const before = openSqliteStore(file);
    await fill(before);
    await before.close();
    const loses = (target: TransferTarget): TransferTarget => ({
      positions: () => target.positions(),
      rows: (table) => target.rows(table),
      finish: (numbers) => target.finish(numbers),
      close: () => target.close(),
      write: (table, part) =>
        target.write(table, table === 'raw' ? { ...part, rows: part.rows.slice(1) } : part),
    });
    await expect(run(loses)).rejects.toMatchObject({
      code: 'migration-unequal',
      message: expect.stringContaining('raw has 100 rows'),
    });
    await expect(openPostgresStore(server.address)).rejects.toMatchObject({ code: 'database-half' });
  });
});
