import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holm } from '../../../../src/base/statistics/holm.ts';

describe("Holm's step-down", () => {
  it('rejects in order of surety and stops at the first that stands', () => {
    const p = [0.03, 0.001, 0.02, 0.9].map(Math.log);
    expect(holm(p, Math.log(0.05))).toEqual([1]);
    expect(holm([0.001, 0.012, 0.02, 0.9].map(Math.log), Math.log(0.05))).toEqual([0, 1, 2]);
  });

  it('never rejects more than without correction, nor fewer than Bonferroni, whatever the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -30, max: 0, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (logs) => {
          const rejected = holm(logs, Math.log(0.05));
          const bonferroni = logs.filter((p) => p <= Math.log(0.05 / logs.length)).length;
          const plain = logs.filter((p) => p <= Math.log(0.05)).length;
          expect(rejected.length).toBeGreaterThanOrEqual(bonferroni);
          expect(rejected.length).toBeLessThanOrEqual(plain);
          expect(new Set(rejected).size).toBe(rejected.length);
        },
      ),
    );
  });
});
