import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultRetention } from '../../../../src/controller/index.ts';
import { batch, day, event, hour, minute, series, t0 } from '../../../contract/store/rows.ts';
import { PostgresServer, postgresMissing } from '../../../fixtures/postgres-server.ts';
import { openPostgresStore } from '../../../fixtures/postgres-store.ts';

let server: PostgresServer;
beforeAll(async () => {
  if (postgresMissing === undefined) server = await PostgresServer.start();
});
afterAll(() => server?.close());
beforeEach(() => server?.sql('DROP SCHEMA IF EXISTS goshawk CASCADE'));

const count = async (table: string) =>
  Number((await server.sql(`SELECT count(*)::int AS rows FROM goshawk.${table}`))[0]?.rows);
const partitions = async (table: string) =>
  (
    await server.sql(
      `SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
       WHERE inhparent = 'goshawk.${table}'::regclass ORDER BY relname`,
    )
  ).map(({ relname }) => String(relname));

describe.skipIf(postgresMissing !== undefined)('history in PostgreSQL', () => {
  it('of any time is stored, and moves into its partition when that is made', async () => {
    const store = await openPostgresStore(server.address);
    const nextWeek = Date.now() + 7 * day;
    const times = [0, t0, Date.now(), nextWeek, nextWeek + 400 * day];
    for (const [sequence, timeMs] of times.entries())
      await store.commit({ series, metrics: [batch('d1', sequence, [[timeMs, 1, sequence]])] });
    // One row of the device and one of the fleet for each time.
    expect(await count('minute')).toBe(2 * times.length);
    expect(await count('minute_other')).toBe(2 * (times.length - 1));
    await store.retain(defaultRetention, nextWeek);
    // The first two are too old; the fourth has a partition now.
    expect(await count('minute_other')).toBe(2);
    expect(await count('minute')).toBe(6);
    const { series: found } = await store.metrics({
      ...{ devices: ['d1'], name: 'fps', labels: { camera: 'front' }, stepMs: minute },
      ...{ fromMs: nextWeek - hour, toMs: nextWeek + hour },
    });
    expect(found[0]?.last).toEqual([3]);
    await store.close();
  });

  it('is dropped by partition, when too old or too large, and never the current one', async () => {
    const store = await openPostgresStore(server.address);
    await store.commit({ series, metrics: [batch('d1', 0, [[Date.now(), 1, 1]])] });
    expect(await partitions('raw')).toHaveLength(3);
    expect(await store.retain(defaultRetention, Date.now())).toMatchObject({ rows: 0 });
    const small = { ...defaultRetention, raw: { maxAgeMs: 2 * day, maxBytes: 1 } };
    await store.retain(small, Date.now());
    expect(await count('raw')).toBe(1);
    // The partition of now is one of the past a day later.
    await store.retain(small, Date.now() + day);
    expect(await count('raw')).toBe(0);
    await store.commit({ metrics: [batch('d1', 1, [[Date.now(), 1, 1]])] });
    expect(await count('raw')).toBe(1);
    await store.close();
  });

  it('takes texts with every character, and keeps the audit from being changed', async () => {
    const store = await openPostgresStore(server.address);
    const odd = 'nul \0, half \ud83d, "quote", \\u0000, \u{1f985}';
    await store.commit({
      events: [event('e1', { message: odd, data: { [odd]: odd } })],
      audit: [
        { timeMs: t0, actor: 'ann', action: 'a.b', target: 't', result: 'ok', detail: JSON.stringify(odd) },
      ],
    });
    const { events } = await store.events({});
    expect(events[0]?.message).toBe('nul \ufffd, half \ufffd, "quote", \\u0000, \u{1f985}');
    expect(Object.keys(events[0]?.data ?? {})).toEqual([odd]);
    expect(await store.checkAudit()).toEqual({ intact: true, entries: 1 });
    for (const change of [
      'UPDATE goshawk.audit SET actor = 1',
      'DELETE FROM goshawk.audit',
      'TRUNCATE goshawk.audit',
    ])
      await expect(server.sql(change)).rejects.toThrow('append-only');
    await store.close();
  });
});
