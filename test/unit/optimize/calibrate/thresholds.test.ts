import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../../../../src/optimize/calibrate/histogram.ts';
import {
  type CalibrationMethod,
  percentile,
  rangeOf,
  stepOf,
} from '../../../../src/optimize/calibrate/thresholds.ts';
import { seeded } from '../graphs.ts';

/** Nearly normal values (sum of uniforms), with one far outlier. */
function bell(count: number, outlier: number): Histogram {
  const random = seeded(3);
  const histogram = new Histogram();
  const values = Float32Array.from({ length: count }, () => random() + random() + random() + random());
  values[7] = outlier;
  histogram.add(values);
  return histogram;
}

const calibrationMethods: readonly CalibrationMethod[] = ['min-max', 'percentile', 'entropy', 'mse'];

describe('activation ranges', () => {
  it('of min-max reach the largest value', () => {
    expect(rangeOf(bell(10_000, 40), 'min-max', 'signed').high).toBeCloseTo(40, 4);
  });

  it.each(['percentile', 'entropy'] as const)('of %s leave a far outlier out', (method) => {
    const clip = rangeOf(bell(200_000, 400), method, 'signed').high;
    expect(clip).toBeGreaterThan(1);
    expect(clip).toBeLessThan(40);
  });

  it('of least squares weigh the outlier against all other values', () => {
    // n * (c / 127)^2 / 12 + (40 - c)^2 has its minimum near 40 / (1 + n / (12 * 127^2)) = 19.7.
    expect(rangeOf(bell(200_000, 40), 'mse', 'signed').high).toBeCloseTo(19.7, 0);
  });

  it('of the percentile are those of sorting, to one bin', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 50 }), (list) => {
        const values = Float32Array.from(list);
        const histogram = new Histogram();
        histogram.add(values);
        const sorted = [...values].map(Math.abs).sort((a, b) => a - b);
        const exact = sorted[Math.ceil(sorted.length * 0.9) - 1] ?? 0;
        expect(Math.abs(percentile(histogram, 0.9) - exact)).toBeLessThanOrEqual(histogram.width * 1.001);
      }),
    );
  });

  it('do not depend on the order in which pictures come, though bins grow on the way', () => {
    const random = seeded(5);
    const pictures = [0.01, 3, 0.4, 90].map((scale) =>
      Float32Array.from({ length: 4000 }, () => random() * scale),
    );
    const forward = new Histogram();
    const backward = new Histogram();
    for (const picture of pictures) forward.add(picture);
    for (const picture of [...pictures].reverse()) backward.add(picture);
    for (const method of calibrationMethods) {
      const { high: a } = rangeOf(forward, method, 'signed');
      const { high: b } = rangeOf(backward, method, 'signed');
      expect(Math.abs(a - b) / Math.max(a, b), method).toBeLessThan(0.1);
    }
    expect(forward.count).toBe(16_000);
    expect(forward.bins.reduce((sum, bin) => sum + bin, 0)).toBe(16_000);
  });

  it('of a value that is always zero are zero, and no method fails', () => {
    const histogram = new Histogram();
    histogram.add(new Float32Array(100));
    for (const method of calibrationMethods)
      expect(rangeOf(histogram, method, 'unsigned')).toEqual({ low: 0, high: 0 });
  });

  it('reach as far below zero as the values do, and always hold zero', () => {
    const random = seeded(4);
    const silu = new Histogram();
    silu.add(Float32Array.from({ length: 10_000 }, () => random() * 8).map((x) => x / (1 + Math.exp(-x))));
    for (const method of calibrationMethods) {
      const range = rangeOf(silu, method, 'unsigned');
      expect(range.low, method).toBeCloseTo(-0.278, 2);
      // Around zero nearly half of the integers would stand for what never occurs.
      expect(stepOf(range, 'unsigned') / stepOf(range, 'signed'), method).toBeLessThan(0.53);
    }
    const positive = new Histogram();
    positive.add(Float32Array.of(3, 4, 5));
    expect(rangeOf(positive, 'min-max', 'unsigned')).toEqual({ low: 0, high: 5 });
  });

  it('survive being written down', () => {
    const histogram = bell(1000, 5);
    const again = Histogram.from(JSON.parse(JSON.stringify(histogram)));
    for (const method of calibrationMethods) {
      expect(rangeOf(again, method, 'unsigned')).toEqual(rangeOf(histogram, method, 'unsigned'));
    }
  });
});
