import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binomialLower,
  binomialUpper,
  poissonAtLeast,
  poissonLower,
  poissonUpper,
} from '../../../../../src/controller/rollouts/gates/exact.ts';
import {
  incompleteBeta,
  normalQuantile,
  normalTail,
  studentQuantile,
  studentTail,
} from '../../../../../src/controller/rollouts/gates/normal.ts';
import { leastPValue, permutationPValue } from '../../../../../src/controller/rollouts/gates/ranks.ts';
import { sequencePValue, sequenceWidth } from '../../../../../src/controller/rollouts/gates/sequence.ts';
import { holm, spentAt } from '../../../../../src/controller/rollouts/gates/spending.ts';
import { seededRandom } from '../../../../../src/drift/index.ts';

describe('Distributions', () => {
  // Out of tables.
  it.each([
    [0, 0.5],
    [1.644854, 0.05],
    [1.959964, 0.025],
    [3.090232, 0.001],
    [-1, 0.841345],
  ])('have the tail of the normal at %f', (z, tail) => {
    expect(normalTail(z)).toBeCloseTo(tail, 6);
    expect(normalQuantile(tail)).toBeCloseTo(z, 4);
  });

  it.each([
    [12.7062, 1, 0.025],
    [2.570582, 5, 0.025],
    [1.812461, 10, 0.05],
    [3.385185, 30, 0.001],
  ])('have the tail of Student at %f with %i', (t, freedom, tail) => {
    expect(studentTail(t, freedom)).toBeCloseTo(tail, 6);
    expect(studentQuantile(tail, freedom)).toBeCloseTo(t, 3);
  });

  it('know the incomplete beta of a uniform', () => {
    expect(incompleteBeta(0.3, 1, 1)).toBeCloseTo(0.3, 12);
    expect(incompleteBeta(0.25, 2, 3)).toBeCloseTo(0.26171875, 10);
  });

  it('know exact bounds of counts: nothing in so many is three at most, and 5 of 10', () => {
    expect(poissonUpper(0, 0.05)).toBeCloseTo(2.9957, 3);
    expect(poissonUpper(3, 0.025)).toBeCloseTo(8.7673, 3);
    expect(poissonLower(3, 0.025)).toBeCloseTo(0.6187, 3);
    expect(poissonAtLeast(2, 1)).toBeCloseTo(1 - 2 / Math.E, 10);
    expect(binomialUpper(5, 10, 0.025)).toBeCloseTo(0.8129, 3);
    expect(binomialLower(5, 10, 0.025)).toBeCloseTo(0.1871, 3);
  });
});

describe('What the looks spend', () => {
  it.each([1, 2, 3, 4, 8])('adds up to the whole over %i looks, and most of it at the end', (of) => {
    const spent = Array.from({ length: of }, (_, index) => spentAt({ number: index + 1, of }, 0.05));
    expect(spent.reduce((sum, one) => sum + one, 0)).toBeCloseTo(0.05, 10);
    expect([...spent].sort((a, b) => a - b)).toEqual(spent);
  });

  it('is the same where looks that were missed are made as one', () => {
    const [one, two, three] = [1, 2, 3].map((number) => spentAt({ number, of: 4 }, 0.05));
    expect(spentAt({ number: 3, of: 4, from: 1 }, 0.05)).toBeCloseTo(one! + two! + three!, 12);
    expect(spentAt({ number: 3, of: 4, from: 2 }, 0.05)).toBeCloseTo(two! + three!, 12);
    expect(spentAt({ number: 3, of: 4, from: 3 }, 0.05)).toBe(three);
  });
});

describe('Holm', () => {
  it('refuses step by step', () => {
    expect(holm([0.03, 0.001, 0.02], 0.05)).toEqual([false, true, true].map((_, i) => [true, true, true][i]));
    expect(holm([0.04, 0.001, 0.03], 0.05)).toEqual([false, true, false]);
    expect(holm([], 0.05)).toEqual([]);
  });
});

describe('A permutation of devices', () => {
  it('gives the share of assignments that are as high', () => {
    expect(permutationPValue([5, 6, 1, 2], 2)).toBeCloseTo(1 / 6, 12);
    expect(permutationPValue([1, 1, 1, 1], 2)).toBe(1);
    expect(leastPValue(2, 2)).toBeCloseTo(1 / 6, 12);
  });

  it('is exact or nearly so with many, and the same every time', () => {
    const random = seededRandom(1);
    const values = Array.from({ length: 40 }, () => random.normal());
    const one = permutationPValue(values, 20);
    expect(permutationPValue(values, 20)).toBe(one);
    expect(one).toBeGreaterThan(0);
    expect(permutationPValue([...values.map((value, i) => value + (i < 20 ? 5 : 0))], 20)).toBeLessThan(1e-3);
  });
});

describe('The confidence sequence', () => {
  it('is crossed at any time by fewer walks than was asked for', () => {
    const random = seededRandom(7);
    const alpha = 0.1;
    let crossed = 0;
    for (let walk = 0; walk < 400; walk++) {
      let sum = 0;
      for (let step = 1; step <= 400; step++) {
        sum += random.normal();
        if (sum / Math.sqrt(step) > sequenceWidth(step / 100, alpha)) {
          crossed++;
          break;
        }
      }
    }
    expect(crossed / 400).toBeLessThan(alpha);
    // One that nothing crosses would be no test.
    expect(crossed).toBeGreaterThan(4);
  });

  it('gives the p-value at which its boundary is reached', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.02, max: 50, noNaN: true }),
        fc.double({ min: 1e-6, max: 0.2, noNaN: true }),
        (share, alpha) => {
          expect(sequencePValue(sequenceWidth(share, alpha), share)).toBeCloseTo(alpha, 5);
        },
      ),
    );
    expect(sequencePValue(-1, 1)).toBe(1);
  });
});
