import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/drift/random.ts';
import { reference } from '../../../unit/drift/detectors/reference.ts';
import { Adwin } from './adwin.ts';
import { PageHinkley } from './page-hinkley.ts';
import { psi } from './psi.ts';

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

describe('The population stability index', () => {
  it('is that of scipy, two relative entropies, and NaN where there is nothing to compare', () => {
    const { p, q, psi: expected } = reference.psi;
    expect(psi(p, q, 0)).toBeCloseTo(expected, 10);
    expect(psi([0, 0], [1, 2])).toBeNaN();
  });
});
