import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MixEvidence, mixFactor } from '../../../../src/drift/detectors/mix-evidence.ts';
import { seededRandom } from '../../../../src/drift/random.ts';

/** Made by scipy: test/fixtures/drift/make_mix.py. */
const reference = JSON.parse(
  readFileSync(new URL('../../../fixtures/drift/mix.json', import.meta.url), 'utf8'),
) as {
  shares: number[];
  minutes: number[][];
  factor: number[];
  seconds: number[][];
  evidence: (number | null)[];
};

describe('Evidence of a changed mix', () => {
  it('has the covariance of scipy', () => {
    const { minutes, shares, factor } = reference;
    for (const [i, value] of mixFactor(minutes.map((counts) => ({ counts, shares }))).entries())
      expect(value).toBeCloseTo(factor[i]!, 10);
  });

  it('is the likelihood ratio of scipy, second by second', () => {
    const { shares, factor, seconds, evidence } = reference;
    const judge = new MixEvidence(shares.length - 1, factor);
    for (const [i, counts] of seconds.entries()) {
      const said = judge.add(counts, shares);
      if (evidence[i] === null) expect(said).toBeNaN();
      else expect(said).toBeCloseTo(evidence[i]!, 9);
    }
  });

  it('falls while the mix stays and rises when it changes', () => {
    const { shares, factor } = reference;
    const random = seededRandom(5);
    const judge = new MixEvidence(shares.length - 1, factor);
    const run = (mix: readonly number[], seconds: number) => {
      let sum = 0;
      for (let s = 0; s < seconds; s++) {
        let left = random.next();
        const place = mix.findIndex((share) => {
          left -= share;
          return left < 0;
        });
        sum += judge.add(
          mix.map((_, i) => Number(i === place)),
          shares,
        );
      }
      return sum;
    };
    expect(run(shares, 2000)).toBeLessThan(0);
    expect(run([0.55, 0.1, 0.3, 0.05], 200)).toBeGreaterThan(10);
  });

  it('is a finite number for any counts, and begins anew after a reset', () => {
    const { shares, factor } = reference;
    const counts = fc.array(fc.nat(50), { minLength: shares.length, maxLength: shares.length });
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 60 }), (seconds) => {
        const judge = new MixEvidence(shares.length - 1, factor);
        const said = seconds.map((second) => judge.add(second, shares));
        for (const [i, value] of said.entries())
          expect(Number.isNaN(value)).toBe(seconds[i]!.every((count) => count === 0));
        judge.reset();
        expect(seconds.map((second) => judge.add(second, shares))).toEqual(said);
      }),
    );
  });
});
