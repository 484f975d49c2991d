import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricsRow, SeriesRow } from '../../../src/controller/index.ts';
import { batch, hour, minute, rolledUp, type Sample, series, t0 } from './rows.ts';
import type { StoreUnderTest } from './store-under-test.ts';

/** Samples and their roll-ups. */
export function promisesOfMetrics(tested: StoreUnderTest): void {
  const { load, ask, reopen } = tested;

  describe('metrics', () => {
    it('come back as samples, as minutes and as hours, each series by itself', async () => {
      const samples: Sample[] = [
        [t0, 1, 10],
        [t0 + 1_000, 1, 20],
        [t0 + minute, 1, 40],
        [t0, 4, 7],
      ];
      await tested.store.commit({ series, metrics: [batch('d1', 0, samples)] });
      const raw = await ask({ stepMs: 1_000 });
      expect(raw.tier).toBe('raw');
      expect(raw.series.map((one) => [one.labels, one.timeMs, one.last])).toEqual([
        [{ camera: 'front' }, [t0, t0 + 1_000, t0 + minute], [10, 20, 40]],
        [{ camera: 'rear' }, [t0], [7]],
      ]);
      expect(await ask({ labels: { camera: 'front' } })).toMatchObject({
        ...{ tier: 'minute', stepMs: minute },
        series: [{ timeMs: [t0, t0 + minute], avg: [15, 40], min: [10, 40], max: [20, 40] }],
      });
      expect(await ask({ stepMs: hour, labels: { camera: 'front' } })).toMatchObject({
        tier: 'hour',
        series: [{ timeMs: [t0], avg: [70 / 3], count: [3] }],
      });
    });

    it('are those from a time on and before another', async () => {
      const at = [t0 - 1, t0, t0 + 10, t0 + 19, t0 + 20];
      await tested.store.commit({
        series,
        metrics: [
          batch(
            'd1',
            0,
            at.map((time) => [time, 1, 1] as const),
          ),
        ],
      });
      expect((await ask({ toMs: t0 + 20, stepMs: 1 })).series[0]?.timeMs).toEqual([t0, t0 + 10, t0 + 19]);
    });

    it('are counted once, in whatever order and however often batches come', async () => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat(12), { minLength: 1, maxLength: 40 }),
          fc.integer({ min: 1, max: 5 }),
          async (sequences, perCommit) => {
            const device = `r${run++}`;
            let duplicates = 0;
            for (let from = 0; from < sequences.length; from += perCommit) {
              const part = sequences
                .slice(from, from + perCommit)
                .map((sequence) => batch(device, sequence, [[t0 + sequence, 1, sequence]]));
              duplicates += (await tested.store.commit({ series, metrics: part })).duplicateBatches;
            }
            const distinct = new Set(sequences);
            expect(duplicates).toBe(sequences.length - distinct.size);
            expect((await ask({ devices: [device] })).series[0]?.count).toEqual([distinct.size]);
            const stored = (await load()).devices.find(({ id }) => id === device);
            expect(stored?.lastSequence).toEqual({ session: 1, sequence: Math.max(...sequences) });
          },
        ),
        { numRuns: 25 },
      );
    });

    it('of another session with the same number are others; the newest session counts', async () => {
      const sessions = [5, 3].map((session) => batch('d1', 0, [[t0, 1, session]], session));
      expect(await tested.store.commit({ series, metrics: sessions })).toMatchObject({ duplicateBatches: 0 });
      expect((await load()).devices[0]?.lastSequence).toEqual({ session: 5, sequence: 0 });
    });

    it('with a number that is known and other content are stored, and the session is named', async () => {
      const life = (value: number, sequences: readonly number[]) =>
        sequences.map((sequence) => ({
          ...batch('d1', sequence, [[t0 + 10 * sequence + value, 1, value]]),
          content: 100 * sequence + value,
        }));
      const commit = (metrics: MetricsRow[]) => tested.store.commit({ series, metrics });
      await commit(life(1, [0, 1, 2]));
      expect(await commit(life(1, [1, 2]))).toMatchObject({ duplicateBatches: 2, repeatedSessions: [] });
      const repeated = { device: 'd1', session: 1 };
      expect(await commit(life(2, [0, 1, 2, 3]))).toMatchObject({
        duplicateBatches: 0,
        repeatedSessions: [repeated, repeated, repeated],
      });
      await reopen();
      for (const value of [1, 2])
        expect(await commit(life(value, [0, 2]))).toMatchObject({
          duplicateBatches: 2,
          repeatedSessions: [],
        });
      expect((await ask()).series[0]?.count).toEqual([7]);
      // Stored before contents were kept: known by its number.
      const old = batch('d1', 0, [[t0, 1, 1]], 2);
      await commit([old]);
      const same = [{ ...old, content: 5 }];
      expect(await commit(same)).toMatchObject({ duplicateBatches: 1, repeatedSessions: [] });
    });

    it('rolled up, of any samples in any batches, equal what is worked out directly', async () => {
      const sample = fc.tuple(fc.nat(3 * hour - 1), fc.integer({ min: -1000, max: 1000 }));
      const batches = fc.array(fc.array(sample, { minLength: 1, maxLength: 8 }), {
        minLength: 1,
        maxLength: 6,
      });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(batches, async (given) => {
          const row: SeriesRow = { id: 100 + run, name: `m${run++}`, labels: {}, unit: '1', kind: 'gauge' };
          for (const [sequence, samples] of given.entries()) {
            const rows = samples.map(([at, value]) => [t0 + at, row.id, value] as const);
            await tested.store.commit({
              series: [row],
              metrics: [batch(`d${sequence % 2}`, sequence, rows, run)],
            });
          }
          for (const devices of [undefined, ['d0', 'd1']])
            for (const stepMs of [minute, hour]) {
              const expected = rolledUp(given.flat(), stepMs);
              const order = [...expected.keys()].sort((a, b) => a - b);
              const range = { stepMs, toMs: t0 + 3 * hour };
              const found = (await ask({ devices, name: row.name, ...range })).series[0]!;
              expect(found.timeMs).toEqual(order);
              for (const column of ['count', 'min', 'max', 'last'] as const)
                expect(found[column]).toEqual(order.map((start) => expected.get(start)![column]));
              for (const [index, start] of order.entries()) {
                const { sum, count } = expected.get(start)!;
                expect(found.avg?.[index]).toBeCloseTo(sum / count, 9);
              }
            }
        }),
        { numRuns: 20 },
      );
    });

    it('of histograms give the quantiles of all devices together', async () => {
      const histogram = (device: string, index: number, count: number): MetricsRow => ({
        ...batch(device, 0, [[t0, 2, Number.NaN]]),
        histograms: [{ index: 0, value: { buckets: [[index, count]], zeros: 0, sum: 1 } }],
      });
      await tested.store.commit({ series, metrics: [histogram('d1', -40, 98), histogram('d2', 0, 2)] });
      const fleet = await ask({ devices: undefined, name: 'latency' });
      expect(fleet.series[0]?.count).toEqual([100]);
      expect(fleet.series[0]?.p50?.[0]).toBeLessThan(0.04);
      expect(fleet.series[0]?.p99?.[0]).toBeGreaterThan(1);
      const one = await ask({ devices: ['d1'], name: 'latency' });
      expect(one.series[0]?.p99?.[0]).toBeLessThan(0.04);
    });

    it('of counters add up device by device', async () => {
      const counted = (device: string) =>
        batch(device, 0, [
          [t0, 3, 100],
          [t0 + minute, 3, 160],
        ]);
      await tested.store.commit({ series, metrics: ['d1', 'd2', 'd3'].map(counted) });
      const of = async (devices: readonly string[] | undefined) =>
        (await ask({ devices, name: 'frames' })).series[0];
      expect(await of(undefined)).toMatchObject({ last: [300, 480], rate: [null, 3] });
      expect(await of(['d1', 'd3'])).toMatchObject({ last: [200, 320], rate: [null, 2] });
    });

    it('that nobody has give no series and no error', async () => {
      await tested.store.commit({ series, metrics: [batch('d1', 0, [[t0, 1, 1]])] });
      expect((await ask({ name: 'nothing' })).series).toEqual([]);
      expect((await ask({ devices: ['nobody'] })).series).toEqual([]);
      expect((await ask({ devices: [] })).series).toEqual([]);
      expect((await ask({ labels: { camera: 'side' } })).series).toEqual([]);
      expect((await ask({ fromMs: t0 + minute, toMs: t0 + minute })).series).toEqual([]);
    });
  });
}
