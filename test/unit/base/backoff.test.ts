import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../src/base/index.ts';

const policy = { firstMs: 1_000, maxMs: 60_000 };

describe('The delay before a retry', () => {
  it.each([
    // attempt, random number, delay
    [0, 0, 500],
    [0, 0.5, 750],
    [1, 0, 1_000],
    [1, 0.5, 1_500],
    [2, 0.25, 2_500],
    [5, 0, 16_000],
    [6, 0, 30_000],
    [6, 0.5, 45_000],
    [100, 0, 30_000],
    [Number.MAX_SAFE_INTEGER, 0.5, 45_000],
  ])('after attempt %i with random number %f is %i ms', (attempt, random, delayMs) => {
    expect(backoffMs(policy, attempt, () => random)).toBe(delayMs);
  });

  it('is between half of the ceiling and the ceiling, whatever the policy', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3_600_000 }),
        fc.integer({ min: 1, max: 3_600_000 }),
        fc.nat({ max: 200 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (firstMs, maxMs, attempt, random) => {
          const delayMs = backoffMs({ firstMs, maxMs }, attempt, () => random);
          const ceilingMs = Math.min(maxMs, firstMs * 2 ** attempt);
          expect(Number.isInteger(delayMs)).toBe(true);
          expect(delayMs).toBeGreaterThanOrEqual(Math.max(1, Math.floor(ceilingMs / 2)));
          expect(delayMs).toBeLessThanOrEqual(ceilingMs);
        },
      ),
    );
  });

  it('never shrinks from one attempt to the next with the same random number', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 60 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const delayMs = (n: number) => backoffMs(policy, n, () => random);
          expect(delayMs(attempt + 1)).toBeGreaterThanOrEqual(delayMs(attempt));
        },
      ),
    );
  });
});
