import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addHistogram,
  addHistogramValue,
  countAtMost,
  emptyHistogram,
  quantile,
  upperEdge,
} from '../../../../src/controller/history/histogram.ts';
import type { HistogramValue } from '../../../../src/protocol/index.ts';

/** As a device counts: bucket i holds (2^(i/8), 2^((i+1)/8)]. */
function count(values: readonly number[]): HistogramValue {
  const buckets = new Map<number, number>();
  for (const value of values) {
    const index = Math.ceil(Math.log2(value) * 8) - 1;
    buckets.set(index, (buckets.get(index) ?? 0) + 1);
  }
  return { buckets: [...buckets], zeros: 0, sum: values.reduce((a, b) => a + b, 0) };
}

describe('quantiles of an exponential histogram', () => {
  test('are within one bucket width of the true quantile', () => {
    const value = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, q) => {
          const histogram = emptyHistogram();
          addHistogramValue(histogram, count(values));
          const sorted = [...values].sort((a, b) => a - b);
          const truth = sorted[Math.max(0, Math.ceil(q * values.length - 1e-9) - 1)]!;
          const found = quantile(histogram, q)!;
          const width = 2 ** (1 / 8);
          expect(found).toBeLessThanOrEqual(truth * width * (1 + 1e-9));
          expect(found).toBeGreaterThanOrEqual(truth / width / (1 + 1e-9));
        },
      ),
    );
  });

  test('of merged halves equal those of the whole', () => {
    const values = Array.from({ length: 1000 }, (_, i) => 0.001 * (1 + ((i * 7919) % 1000)));
    const whole = emptyHistogram();
    addHistogramValue(whole, count(values));
    const halves = emptyHistogram();
    for (const half of [values.slice(0, 300), values.slice(300)]) {
      const part = emptyHistogram();
      addHistogramValue(part, count(half));
      addHistogram(halves, part);
    }
    for (const q of [0.5, 0.95, 0.99]) expect(quantile(halves, q)).toBe(quantile(whole, q));
    expect(halves.count).toBe(1000);
  });

  test('are 0 while the zeros alone reach the rank, and undefined for nothing', () => {
    const histogram = emptyHistogram();
    expect(quantile(histogram, 0.5)).toBeUndefined();
    addHistogramValue(histogram, { buckets: [[0, 1]], zeros: 9, sum: 1.05 });
    expect(quantile(histogram, 0.5)).toBe(0);
    expect(quantile(histogram, 0.99)).toBeGreaterThan(1);
  });

  test('counts at an edge of a bucket are exact', () => {
    const histogram = emptyHistogram();
    addHistogramValue(histogram, count([0.1, 0.25, 0.5, 0.6, 3]));
    expect(countAtMost(histogram, 0.5)).toBe(3);
    expect(countAtMost(histogram, upperEdge(100))).toBe(5);
  });
});
