import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresIngestStore, PostgresStore } from '../../../../src/adapters/postgres/index.ts';
import { decodeSamples } from '../../../../src/controller/index.ts';
import { batch, event, hour, minute, series, t0 } from '../../../contract/store/rows.ts';
import { openPostgresIngest } from '../../../fixtures/postgres-ingest.ts';
import { PostgresServer, postgresMissing } from '../../../fixtures/postgres-server.ts';
import { openPostgresStore } from '../../../fixtures/postgres-store.ts';

const names = ['d1', 'd2', 'd3', 'd4'];
let server: PostgresServer;
let leader: PostgresStore;
let writers: PostgresIngestStore[];

beforeAll(async () => {
  if (postgresMissing === undefined) server = await PostgresServer.start();
});
afterAll(() => server?.close());
beforeEach(async () => {
  if (postgresMissing !== undefined) return;
  await server.sql('DROP SCHEMA IF EXISTS goshawk CASCADE');
  leader = await openPostgresStore(server.address);
  await leader.commit({
    series,
    changes: names.map((device) => ({
      kind: 'catalogue',
      catalogue: { device, session: 1, aliases: [[7, 1]] },
    })),
  });
  writers = await Promise.all([1, 2, 3].map(() => openPostgresIngest(server.address)));
});
afterEach(async () => {
  for (const one of writers ?? []) await one.close();
  await leader?.close();
});

const at = (index: number) => writers[index % writers.length] as PostgresIngestStore;
const counted = async (device: string) => {
  const request = { name: 'fps', labels: {}, fromMs: t0, toMs: t0 + hour, stepMs: minute };
  const { series: found } = await leader.metrics({ ...request, devices: [device] });
  return found.flatMap(({ count }) => count).reduce((sum, one) => sum + one, 0);
};

describe.skipIf(postgresMissing !== undefined)('Ingest processes on one PostgreSQL', () => {
  it('store what comes to all of them at the same time once', async () => {
    const metrics = names.map((device) => batch(device, 0, [[t0, 1, 5]]));
    const events = names.map((device) => event('e', { device }));
    const results = await Promise.all(
      writers.map((one) => one.commit({ metrics, events, entries: [{ device: 'd1', entry: 3 }] })),
    );
    expect(results.reduce((sum, one) => sum + one.duplicateBatches, 0)).toBe(2 * names.length);
    expect(results.flatMap((one) => one.events).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    for (const device of names) expect(await counted(device)).toBe(1);
    const { entries, batches, events: told } = await leader.takeIngested(0);
    expect(entries).toEqual([1, 2, 3].map(() => ({ device: 'd1', entry: 3 })));
    expect(batches).toHaveLength(names.length);
    expect(told.map(({ device }) => device)).toEqual(names);
  });

  it('count each batch once, whoever has it, when and with which others', async () => {
    let run = 0;
    const commits = fc.array(
      fc.tuple(fc.nat(2), fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 8 })),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(commits, async (given) => {
        // A session of its own for each run.
        run += 1;
        const fromMs = t0 + run * minute;
        await Promise.all(
          given.flatMap(([writer, parts]) => {
            const metrics = parts.map(([device, sequence]) =>
              batch(names[device] ?? '', sequence, [[fromMs, 1, sequence]], run),
            );
            const events = parts.map(([device, id]) =>
              event(`${run}-${id}`, { device: names[device] ?? '' }),
            );
            // Apart, so that locks of one don't hide that the other has none.
            return [
              at(writer).commit({ metrics, events: [], entries: [] }),
              at(writer + 1).commit({ metrics: [], events, entries: [] }),
            ];
          }),
        );
        const sent = new Set(given.flatMap(([, parts]) => parts.map(String)));
        const [raw] = await server.sql(
          `SELECT count(*)::int AS all FROM goshawk.raw WHERE start_ms = ${fromMs}`,
        );
        expect(raw?.all).toBe(sent.size);
        const stored = await server.sql(`SELECT seq::int FROM goshawk.event WHERE id LIKE '${run}-%'`);
        expect(stored).toHaveLength(sent.size);
        const request = { name: 'fps', labels: {}, fromMs, toMs: fromMs + minute, stepMs: minute };
        const fleet = (await leader.metrics({ ...request, devices: undefined })).series;
        expect(fleet.flatMap(({ count }) => count)).toEqual([sent.size]);
      }),
      { numRuns: 20 },
    );
    const seqs = await server.sql('SELECT count(*)::int AS all, max(seq)::int AS last FROM goshawk.event');
    expect(seqs[0]?.all).toBe(seqs[0]?.last);
  });

  it('give the leader the newest values of live batches, and each note once', async () => {
    const live = { ...batch('d1', 0, [[t0, 1, 5]]), newestMs: t0 };
    await at(0).commit({ metrics: [live, batch('d2', 0, [[t0, 1, 6]])], events: [], entries: [] });
    const { batches } = await leader.takeIngested(0);
    const [first, second] = batches;
    const values: unknown[] = [];
    decodeSamples(first?.block ?? new Uint8Array(), new Set([1]), (...sample) => values.push(sample));
    expect(first).toMatchObject({ device: 'd1', session: 1, sequence: 0, samples: 1, newestMs: t0 });
    expect(values).toEqual([[1, t0, 5]]);
    expect(second).toMatchObject({ device: 'd2', block: new Uint8Array() });
    expect(second).not.toHaveProperty('newestMs');
    expect(await leader.takeIngested(0)).toMatchObject({ batches: [], entries: [], more: false });
  });

  it('make no device: what the fleet does not have is not stored and not acknowledged', async () => {
    const { unknown } = await at(0).commit({
      metrics: [batch('stranger', 0, [[t0, 1, 5]])],
      events: [event('e', { device: 'stranger' })],
      entries: [{ device: 'stranger', entry: 1 }],
    });
    expect(unknown).toEqual(['stranger']);
    expect(await at(1).devices(['d1', 'stranger'])).toEqual([
      { device: 'd1', catalogues: [{ session: 1, aliases: [[7, 1]] }] },
    ]);
    expect(await server.sql('SELECT count(*)::int AS all FROM goshawk.raw')).toEqual([{ all: 0 }]);
    expect(await leader.takeIngested(0)).toMatchObject({ entries: [], events: [] });
  });

  it('go on with a number that is free when the server ends their session', async () => {
    await server.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'goshawk ingest'`,
    );
    const metrics = [batch('d1', 0, [[t0, 1, 5]])];
    for (const one of writers) {
      let stored = false;
      while (!stored)
        stored = await one.commit({ metrics, events: [], entries: [] }).then(
          () => true,
          (error: { readonly code: string }) => {
            expect(error.code).toBe('database-away');
            return false;
          },
        );
    }
    expect(await counted('d1')).toBe(1);
    const locks = await server.sql(
      `SELECT objid::int AS number FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 ORDER BY objid`,
    );
    expect(locks.map(({ number }) => number)).toEqual([1, 2, 3]);
  });
});
