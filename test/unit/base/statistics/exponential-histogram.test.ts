import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bucketOf,
  ExponentialHistogram,
  type HistogramCounts,
  highestIndex,
  lowestIndex,
  upperEdge,
} from '../../../../src/base/statistics/exponential-histogram.ts';

const oneBucket = 2 ** (1 / 8);
const value = fc.double({ min: 2 ** -31, max: 2 ** 31, noNaN: true });

function histogramOf(values: readonly number[]): ExponentialHistogram {
  const histogram = new ExponentialHistogram();
  for (const one of values) histogram.record(one);
  return histogram;
}

/** Sums of doubles depend on their order in the last digits; counts don't. */
function comparable({ buckets, zeros, sum }: HistogramCounts) {
  return { buckets, zeros, sum: Number(sum.toPrecision(10)) };
}

describe('The exponential histogram', () => {
  it('puts every value in the bucket whose edges enclose it', () => {
    fc.assert(
      fc.property(value, (one) => {
        const index = bucketOf(one);
        expect(one).toBeGreaterThan(upperEdge(index - 1));
        expect(one).toBeLessThanOrEqual(upperEdge(index));
      }),
    );
  });

  it('puts an edge in the lower bucket, as OpenTelemetry does', () => {
    for (let index = lowestIndex; index <= highestIndex; index++)
      expect(bucketOf(upperEdge(index))).toBe(index);
    expect(bucketOf(1)).toBe(-1);
    expect(bucketOf(2)).toBe(7);
  });

  it('counts what is outside of its range in the outermost bucket', () => {
    expect(bucketOf(Number.MIN_VALUE)).toBe(lowestIndex);
    expect(bucketOf(1e300)).toBe(highestIndex);
  });

  it('gives quantiles that are within 9.06 % of the true ones', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (values, q) => {
          const sorted = Float64Array.from(values).sort();
          const truth = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
          const estimate = histogramOf(values).quantile(q) ?? 0;
          expect(estimate / truth).toBeLessThanOrEqual(oneBucket * (1 + 1e-9));
          expect(truth / estimate).toBeLessThanOrEqual(oneBucket * (1 + 1e-9));
        },
      ),
    );
  });

  it('adds up the same in whatever order and grouping', () => {
    const values = fc.array(fc.oneof(value, fc.constant(0)), { maxLength: 30 });
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const [x, y, z] = [a, b, c].map((one) => histogramOf(one).counts()) as [
          HistogramCounts,
          HistogramCounts,
          HistogramCounts,
        ];
        const left = ExponentialHistogram.of(ExponentialHistogram.of(x, y).counts(), z);
        const right = ExponentialHistogram.of(x, ExponentialHistogram.of(z, y).counts());
        const whole = histogramOf([...a, ...b, ...c]);
        expect(comparable(left.counts())).toEqual(comparable(whole.counts()));
        expect(comparable(right.counts())).toEqual(comparable(whole.counts()));
        expect(left.count).toBe(a.length + b.length + c.length);
      }),
    );
  });

  it('has no values when empty, and ignores values that are no numbers', () => {
    const histogram = histogramOf([Number.NaN, Number.POSITIVE_INFINITY]);
    expect(histogram.count).toBe(0);
    expect(histogram.quantile(0.5)).toBeUndefined();
  });

  it('counts exactly what is at most an edge of a bucket', () => {
    const histogram = histogramOf([0, 0.1, 0.25, 0.5, 0.6, 3]);
    expect(histogram.countAtMost(0.5)).toBe(4);
    expect(histogram.countAtMost(upperEdge(100))).toBe(6);
  });

  it('knows values at or below zero as zeros', () => {
    const histogram = histogramOf([0, -1, 8]);
    expect(histogram.counts()).toEqual({ buckets: [[23, 1]], zeros: 2, sum: 8 });
    expect(histogram.quantile(0.5)).toBe(0);
    expect(histogram.quantile(1)).toBeCloseTo(8, -1);
  });
});
