import { describe, expect, it } from 'vitest';
import { learnMix, MixJudge } from '../../../../src/drift/profile/mix.ts';
import { seededRandom } from '../../../../src/drift/random.ts';

function minutesOf(count: number, trucks: number, seed: number): ReadonlyMap<string, number>[][] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: 60 }, () => new Map([[random.next() < trucks ? 'truck' : 'car', 1]])),
  );
}

describe('The usual mix of classes', () => {
  it('has shares for every time of day that add up to one', () => {
    const mix = learnMix([minutesOf(20, 0.1, 1), minutesOf(20, 0.4, 2)])!;
    expect(mix.labels).toEqual(['car', 'truck']);
    for (const shares of mix.shares) expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    expect(mix.shares[0]![1]).toBeLessThan(mix.shares[1]![1]! - 0.2);
  });

  it('is not learned from a handful of objects', () => {
    expect(learnMix([[[new Map([['car', 3]])]]])).toBeUndefined();
    expect(learnMix([])).toBeUndefined();
  });

  it('gives evidence for a class that it never saw', () => {
    const mix = learnMix([minutesOf(20, 0.1, 1)])!;
    const judge = new MixJudge(mix);
    let sum = 0;
    for (let s = 0; s < 60; s++)
      sum += judge.add(new Map([[s % 5 === 0 ? 'tram' : 'car', 1]]), mix.shares[0]!);
    expect(sum).toBeGreaterThan(10);
    judge.reset();
    expect(judge.add(new Map(), mix.shares[0]!)).toBeNaN();
  });
});
