import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile } from '../../../../src/base/statistics/percentile.ts';

describe('A percentile', () => {
  it('of hundred numbers is the one with that number, of none it is 0', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([0, 0.01, 0.5, 0.99, 0.991, 1].map((part) => percentile(values, part))).toEqual([
      1, 1, 50, 99, 100, 100,
    ]);
    expect(percentile([], 0.5)).toBe(0);
    expect(percentile([10, 9, 100], 0.5)).toBe(10);
  });

  it('is the smallest value that this part of the values does not exceed', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, part) => {
        const found = percentile(all, part);
        const share = (limit: number) => all.filter((value) => value <= limit).length / all.length;
        expect(all).toContain(found);
        expect(share(found)).toBeGreaterThanOrEqual(part - 1e-9);
        for (const smaller of all.filter((value) => value < found))
          expect(share(smaller)).toBeLessThan(part + 1e-9);
      }),
    );
  });
});
