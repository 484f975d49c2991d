import { describe, expect, it } from 'vitest';
import { Adwin } from '../../../../src/drift/detectors/adwin.ts';
import { mixDistance } from '../../../../src/drift/detectors/chi-squared.ts';
import { HistogramSketch } from '../../../../src/drift/detectors/histogram-sketch.ts';
import { PageHinkley } from '../../../../src/drift/detectors/page-hinkley.ts';
import { psi } from '../../../../src/drift/detectors/psi.ts';
import { seededRandom } from '../../../../src/drift/random.ts';

describe('ADWIN', () => {
  it('keeps a growing window while nothing changes and cuts it soon after the mean moves', () => {
    const random = seededRandom(4);
    const adwin = new Adwin(0.002);
    for (let i = 0; i < 3000; i++) adwin.add(random.normal() * 0.2);
    expect(adwin.width).toBeGreaterThan(1500);
    let cutAt = -1;
    for (let i = 0; i < 300 && cutAt < 0; i++) if (adwin.add(1 + random.normal() * 0.2)) cutAt = i;
    expect(cutAt).toBeGreaterThanOrEqual(0);
    expect(cutAt).toBeLessThan(60);
    for (let i = 0; i < 500; i++) adwin.add(1 + random.normal() * 0.2);
    expect(adwin.mean).toBeGreaterThan(0.9);
  });

  it('has the mean and width of what it was fed where it never cut', () => {
    const adwin = new Adwin(1e-12);
    for (let i = 0; i < 100; i++) adwin.add(i % 2);
    expect(adwin.width).toBe(100);
    expect(adwin.mean).toBeCloseTo(0.5, 12);
  });
});

describe('Page-Hinkley', () => {
  it('rises with a moved mean in either direction and starts again after reset', () => {
    for (const shift of [1, -1]) {
      const random = seededRandom(5);
      const test = new PageHinkley(0.05);
      let quiet = 0;
      for (let i = 0; i < 500; i++) quiet = Math.max(quiet, test.add(random.normal() * 0.1));
      let moved = 0;
      for (let i = 0; i < 100; i++) moved = test.add(shift + random.normal() * 0.1);
      expect(moved).toBeGreaterThan(5 * quiet);
      test.reset();
      expect(test.add(0)).toBeLessThan(1);
    }
  });
});

describe('Histogram sketch', () => {
  it('gives quantiles within one bin, keeps what lies outside in its end bins and leaves NaN out', () => {
    const sketch = new HistogramSketch(0, 1, 50);
    for (let i = 0; i < 1000; i++) sketch.add(i / 1000);
    for (const q of [0.05, 0.5, 0.9]) expect(Math.abs(sketch.quantile(q) - q)).toBeLessThan(0.02);
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
    expect(sketch.quantile(0.5)).toBeGreaterThan(0.85);
    expect(sketch.total).toBeCloseTo(8, 12);
    sketch.clear();
    expect(sketch.quantile(0.5)).toBeNaN();
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
