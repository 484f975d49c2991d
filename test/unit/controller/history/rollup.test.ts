import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Aggregate,
  addHistogramSample,
  addSample,
  emptyAggregate,
  mergeAggregate,
  SeriesBuilder,
  tierFor,
} from '../../../../src/controller/history/rollup.ts';
import type { SeriesRow } from '../../../../src/controller/store/rows.ts';

const sample = fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: -1000, max: 1000 }));

function aggregate(samples: readonly (readonly [number, number])[]): Aggregate {
  const into = emptyAggregate();
  for (const [timeMs, value] of samples) addSample(into, timeMs, value);
  return into;
}

describe('roll-ups', () => {
  test('do not depend on how samples were split into batches or in which order these came', () => {
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 60 }),
        fc.array(fc.integer({ min: 0, max: 4 })),
        (samples, parts) => {
          const batches = new Map<number, (readonly [number, number])[]>();
          samples.forEach((one, index) => {
            const part = parts[index % Math.max(1, parts.length)] ?? 0;
            batches.set(part, [one, ...(batches.get(part) ?? [])]);
          });
          const merged = emptyAggregate();
          for (const part of [...batches.values()].reverse()) mergeAggregate(merged, aggregate(part));
          expect(merged).toEqual(aggregate(samples));
        },
      ),
    );
  });

  test('choose the tier by step and by range', () => {
    expect(tierFor(1_000, 3_600_000)).toBe('raw');
    expect(tierFor(1_000, 7 * 3_600_000)).toBe('minute');
    expect(tierFor(60_000, 3_600_000)).toBe('minute');
    expect(tierFor(3_600_000, 86_400_000)).toBe('hour');
  });
});

describe('columns of a chart', () => {
  const row = (kind: SeriesRow['kind']): SeriesRow => ({
    id: 1,
    name: 'x',
    labels: { a: 'b' },
    unit: '1',
    kind,
  });
  const build = (kind: SeriesRow['kind'], fill: (builder: SeriesBuilder) => void) => {
    const builder = new SeriesBuilder(0, 1000);
    fill(builder);
    return builder.build(new Map([[1, row(kind)]]))[0]!;
  };

  test('a gauge has mean, least, greatest and newest per step', () => {
    const series = build('gauge', (builder) => {
      for (const [timeMs, value] of [
        [0, 1],
        [500, 3],
        [2000, 10],
      ] as const)
        addSample(builder.cell(1, 1, timeMs), timeMs, value);
    });
    expect(series).toMatchObject({
      timeMs: [0, 2000],
      count: [2, 1],
      avg: [2, 10],
      min: [1, 10],
      max: [3, 10],
      last: [3, 10],
    });
  });

  test('a counter grows at a rate, also over a restart, and adds up over devices', () => {
    const series = build('counter', (builder) => {
      for (const device of [1, 2])
        for (const [timeMs, value] of [
          [0, 100],
          [1000, 130],
          [2000, 10],
        ] as const)
          addSample(builder.cell(1, device, timeMs), timeMs, value);
    });
    expect(series.rate).toEqual([null, 60, 20]);
    expect(series.last).toEqual([200, 260, 20]);
  });

  test('a histogram has quantiles over the sum of its buckets', () => {
    const series = build('histogram', (builder) => {
      addHistogramSample(builder.cell(1, 1, 0), { buckets: [[-24, 99]], zeros: 0, sum: 12 });
      addHistogramSample(builder.cell(1, 2, 0), { buckets: [[0, 1]], zeros: 0, sum: 1 });
    });
    expect(series.count).toEqual([100]);
    expect(series.p50?.[0]).toBeCloseTo(0.13, 2);
    expect(series.p99?.[0]).toBeLessThan(0.14);
    expect(series.avg?.[0]).toBeCloseTo(0.13, 5);
  });
});

test('an answer with more points than anybody draws is refused while it is made', () => {
  const row = (id: number): SeriesRow => ({
    id,
    name: 'm',
    labels: { n: `${id}` },
    unit: '1',
    kind: 'gauge',
  });
  const rows = new Map(Array.from({ length: 20 }, (_, id) => [id, row(id)] as const));
  const built = (steps: number) => {
    const builder = new SeriesBuilder(0, 1000);
    for (let id = 0; id < 20; id++)
      for (let step = 0; step < steps; step++) addSample(builder.cell(id, 0, step * 1000), step * 1000, 1);
    return builder.build(rows);
  };
  expect(built(2_500)).toHaveLength(20);
  expect(() => built(2_501)).toThrow(expect.objectContaining({ code: 'range-too-wide' }));
});
