import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../../src/controller/ingest/read-batch.ts';
import type { MetricsBatch } from '../../../../src/protocol/index.ts';

const now = 1_790_000_000_000;
const tenMinutes = 600_000;
const aliases = new Map([
  [1, 11],
  [2, 12],
]);
const batch = (samples: MetricsBatch['samples'], historical = false): MetricsBatch => ({
  ...{ session: 3, sequence: 5, entry: 9, historical, samples },
});
const timesOf = (historical: boolean, ...timesMs: number[]) => {
  const samples = timesMs.map((timeMs) => [timeMs, 1, 7] as MetricsBatch['samples'][number]);
  const { row, skewed } = readBatch('d1', batch(samples, historical), aliases, now);
  return { times: [...row.timesMs], skewed };
};

describe('A batch', () => {
  it('becomes columns with the numbers of its series, histograms beside them', () => {
    const histogram = { buckets: [[3, 4]] as [number, number][], zeros: 0, sum: 2 };
    const { row, unknown } = readBatch(
      'd1',
      batch([
        [now, 2, 7.5],
        [now - 1, 1, histogram],
        [now, 9, 1],
      ]),
      aliases,
      now,
    );
    expect(row).toMatchObject({ device: 'd1', session: 3, sequence: 5 });
    expect([...row.series]).toEqual([12, 11]);
    expect([...row.timesMs]).toEqual([now, now - 1]);
    expect([...row.values]).toEqual([7.5, Number.NaN]);
    expect(row.histograms).toEqual([{ index: 1, value: histogram }]);
    expect(unknown).toBe(1);
  });

  it.each<[string, boolean, number[], number[], boolean]>([
    ['of now', false, [now - 5, now], [now - 5, now], false],
    ['ten minutes late', false, [now - tenMinutes], [now - tenMinutes], false],
    [
      'live, of a clock that is behind',
      false,
      [now - tenMinutes - 11, now - tenMinutes - 1],
      [now - 10, now],
      true,
    ],
    ['live, of a clock that is ahead', false, [now + 5, now + tenMinutes + 5], [now - tenMinutes, now], true],
    ['a little ahead', false, [now + tenMinutes], [now + tenMinutes], false],
    ['kept for days', true, [now - 9e8], [now - 9e8], false],
    ['kept, but of the future', true, [now + tenMinutes + 1, now], [now, now - tenMinutes - 1], true],
    ['of a clock from 1970', false, [1000], [now], true],
    ['kept, and from before 1970', true, [-5, 3], [0, 3], false],
  ])('%s', (_, historical, given, times, skewed) => {
    expect(timesOf(historical, ...given)).toEqual({ times, skewed });
  });

  it('of unknown metrics is empty, and reports how many it had', () => {
    const { row, unknown, skewed } = readBatch('d1', batch([[0, 7, 1]]), aliases, now);
    expect([row.timesMs.length, unknown, skewed]).toEqual([0, 1, false]);
  });

  it('keeps the distances between its samples whatever its clock says, and nothing of it lies in the far future', () => {
    const times = fc.array(fc.integer({ min: 1_000_000_000_000, max: 2_500_000_000_000 }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(times, fc.boolean(), (given, historical) => {
        const found = timesOf(historical, ...given).times;
        expect(Math.max(...found)).toBeLessThanOrEqual(now + tenMinutes);
        for (const [i, time] of found.entries())
          if (time > 0 && found[0]! > 0) expect(time - found[0]!).toBe(given[i]! - given[0]!);
      }),
    );
  });
});
