import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialAtLeast } from '../../../../src/base/statistics/binomial.ts';

/** By adding up every outcome of `trials` coins. */
function byEnumeration(trials: number, least: number, probability: number): number {
  let sum = 0;
  for (let outcome = 0; outcome < 2 ** trials; outcome++) {
    const hits = outcome.toString(2).replaceAll('0', '').length;
    if (hits >= least) sum += probability ** hits * (1 - probability) ** (trials - hits);
  }
  return sum;
}

describe('The tail of the binomial distribution', () => {
  it('is the sum over all outcomes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: -1, max: 10 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (trials, least, probability) => {
          expect(binomialAtLeast(trials, least, probability)).toBeCloseTo(
            byEnumeration(trials, least, probability),
            10,
          );
        },
      ),
      { seed: 6, numRuns: 300 },
    );
  });

  it('keeps its relative accuracy far out, where one minus the rest would be zero', () => {
    // P(X >= 3) of 1000 cameras at 1e-8 is C(1000, 3) 1e-24 to within a millionth.
    expect(binomialAtLeast(1000, 3, 1e-8) / (166_167_000 * 1e-24)).toBeCloseTo(1, 4);
  });
});
