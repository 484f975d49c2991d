import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastPValue, permutationPValue } from '../../../../../src/controller/rollouts/gates/ranks.ts';
import { sequencePValue, sequenceWidth } from '../../../../../src/controller/rollouts/gates/sequence.ts';
import { spentAt } from '../../../../../src/controller/rollouts/gates/spending.ts';
import { seededRandom } from '../../../../../src/drift/index.ts';

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
