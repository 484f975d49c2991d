import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MixEvidence, mixDispersion } from '../../../../src/drift/detectors/mix-evidence.ts';
import { type Random, seededRandom } from '../../../../src/drift/random.ts';

/** Made by scipy: test/fixtures/drift/make_mix.py. */
const reference = JSON.parse(
  readFileSync(new URL('../../../fixtures/drift/mix.json', import.meta.url), 'utf8'),
) as {
  shares: number[];
  minutes: number[][];
  dispersion: number;
  seconds: number[][];
  evidence: (number | null)[];
};
const { shares } = reference;
const shifted = [0.55, 0.1, 0.3, 0.05];

/** One object. */
function draw(random: Random, mix: readonly number[]): number[] {
  let left = random.next();
  const place = mix.findIndex((share) => {
    left -= share;
    return left < 0;
  });
  return mix.map((_, i) => Number(i === place));
}

describe('Evidence of a changed mix', () => {
  it('has the dispersion of scipy', () => {
    const minutes = reference.minutes.map((counts) => {
      const n = counts.reduce((a, b) => a + b);
      return { counts, expected: shares.map((share) => n * share) };
    });
    expect(mixDispersion(minutes)).toBeCloseTo(reference.dispersion, 10);
  });

  it('is that of independent objects where minutes stray less, and where nothing was seen', () => {
    expect(mixDispersion([])).toBe(1);
    expect(mixDispersion([{ counts: [0, 0], expected: [0, 0] }])).toBe(1);
    expect(mixDispersion([{ counts: [5, 5], expected: [5, 5] }])).toBe(1);
  });

  it('is the likelihood ratio of scipy, second by second', () => {
    const { dispersion, seconds, evidence } = reference;
    const judge = new MixEvidence(shares.length, dispersion);
    for (const [i, counts] of seconds.entries()) {
      const said = judge.add(counts, shares);
      if (evidence[i] === null) expect(said).toBeNaN();
      else expect(said).toBeCloseTo(evidence[i]!, 9);
    }
  });

  it('falls while the mix stays and rises when it changes', () => {
    const random = seededRandom(5);
    const judge = new MixEvidence(shares.length, 1);
    const run = (mix: readonly number[], objects: number) => {
      let sum = 0;
      for (let i = 0; i < objects; i++) sum += judge.add(draw(random, mix), shares);
      return sum;
    };
    expect(run(shares, 2000)).toBeLessThan(0);
    expect(run(shifted, 100)).toBeGreaterThan(10);
  });

  it('is as rare as it says: e to it has a mean of one at most, whatever came before', () => {
    const random = seededRandom(6);
    const judge = new MixEvidence(shares.length, 1);
    let sum = 0;
    const objects = 40_000;
    for (let i = 0; i < objects; i++) sum += Math.exp(judge.add(draw(random, shares), shares));
    expect(sum / objects).toBeGreaterThan(0.98);
    expect(sum / objects).toBeLessThan(1.02);
  });

  it('forgets a long shift within a hundred objects, and finds the next one as fast as the first', () => {
    const random = seededRandom(7);
    const judge = new MixEvidence(shares.length, 1);
    const objectsUntilSure = (mix: readonly number[]): number => {
      let sum = 0;
      for (let objects = 1; ; objects++) {
        sum = Math.max(0, sum + judge.add(draw(random, mix), shares));
        if (sum > 8) return objects;
      }
    };
    const first = objectsUntilSure(shifted);
    for (let i = 0; i < 5000; i++) judge.add(draw(random, shifted), shares);
    for (let i = 0; i < 100; i++) judge.add(draw(random, shares), shares);
    expect(objectsUntilSure([0.15, 0.3, 0.5, 0.05])).toBeLessThan(2 * first);
  });

  it('is a finite number for any counts, and begins anew after a reset', () => {
    const counts = fc.array(fc.nat(50), { minLength: shares.length, maxLength: shares.length });
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 60 }), (seconds) => {
        const judge = new MixEvidence(shares.length, 1.5);
        const said = seconds.map((second) => judge.add(second, shares));
        for (const [i, value] of said.entries()) {
          if (seconds[i]!.every((count) => count === 0)) expect(value).toBeNaN();
          else expect(Number.isFinite(value)).toBe(true);
        }
        judge.reset();
        expect(seconds.map((second) => judge.add(second, shares))).toEqual(said);
      }),
    );
  });
});
