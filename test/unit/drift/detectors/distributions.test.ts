import { describe, expect, it } from 'vitest';
import { mixDistance } from '../../../../src/drift/detectors/chi-squared.ts';
import { HistogramSketch } from '../../../../src/drift/detectors/histogram-sketch.ts';
import { psi } from '../../../../src/drift/detectors/psi.ts';

describe('Histogram sketch', () => {
  it('counts in equal bins, keeps what lies outside in its end bins and leaves NaN out', () => {
    const sketch = new HistogramSketch(0, 1, 50);
    for (let i = 0; i < 1000; i++) sketch.add((i + 0.5) / 1000);
    expect(sketch.bins).toEqual(new Float64Array(50).fill(20));
    sketch.add(7);
    sketch.add(-3);
    sketch.add(Number.NaN);
    expect(sketch.total).toBe(1002);
    expect(sketch.bins[49]).toBe(21);
  });

  it('fades', () => {
    const sketch = new HistogramSketch(0, 1);
    sketch.add(0.1, 8);
    sketch.fade(0.25);
    sketch.add(0.9, 6);
    expect(sketch.bins[6]).toBeCloseTo(2, 12);
    expect(sketch.bins[57]).toBe(6);
    expect(sketch.total).toBeCloseTo(8, 12);
    sketch.clear();
    expect(sketch.total).toBe(0);
    expect(sketch.bins.some((count) => count !== 0)).toBe(false);
  });
});

describe('Distances of distributions', () => {
  it('are NaN, not zero, where there is nothing to compare', () => {
    expect(psi([0, 0], [1, 2])).toBeNaN();
    expect(mixDistance([0, 0], [0.5, 0.5])).toBeNaN();
  });

  it('count a class that the reference never saw for much, but not for all', () => {
    const usual = mixDistance([50, 50, 0], [0.5, 0.5, 0]);
    const strange = mixDistance([40, 40, 20], [0.5, 0.5, 0]);
    expect(usual).toBeLessThan(0.01);
    expect(strange).toBeGreaterThan(1);
    expect(strange).toBeLessThan(10);
  });
});
