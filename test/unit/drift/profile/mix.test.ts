import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClassMixTest, learnMix, type MixMinute } from '../../../../src/drift/profile/mix.ts';
import { seededRandom } from '../../../../src/drift/random.ts';

/** One object a second; `detections`: how busy the street is. */
function minutesOf(count: number, trucks: number, seed: number, detections = 2): MixMinute[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => ({
    objects: Array.from({ length: 60 }, () => new Map([[random.next() < trucks ? 'truck' : 'car', 1]])),
    detections: new Array<number>(60).fill(detections),
  }));
}

/** What a judge says of minutes, in all and at its highest above its lowest. */
function said(
  judge: ClassMixTest,
  minutes: readonly MixMinute[],
  shares: readonly (readonly number[])[],
): number {
  let sum = 0;
  let most = 0;
  for (const { objects, detections } of minutes)
    for (const [i, counts] of objects.entries()) {
      sum = Math.max(0, sum + judge.add(counts, detections[i]!, shares));
      most = Math.max(most, sum);
    }
  return most;
}

describe('The usual mix of classes', () => {
  it('has shares for every time of day that add up to one', () => {
    const mix = learnMix([minutesOf(40, 0.1, 1), minutesOf(40, 0.4, 2)])!;
    expect(mix.labels).toEqual(['car', 'truck']);
    for (const level of mix.shares.flat()) expect(level.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    expect(mix.shares[0]![0]![1]).toBeLessThan(mix.shares[1]![0]![1]! - 0.2);
  });

  it('is another in a busy street than in an empty one, and neither is news', () => {
    const minutes = [...minutesOf(30, 0.1, 1, 2), ...minutesOf(30, 0.45, 2, 6)];
    const mix = learnMix([minutes])!;
    expect(mix.busy.length).toBe(mix.shares[0]!.length - 1);
    expect(mix.shares[0]![0]![1]).toBeLessThan(mix.shares[0]!.at(-1)![1]! - 0.2);
    const fresh = (minutes: MixMinute[]): number => said(new ClassMixTest(mix), minutes, mix.shares[0]!);
    expect(fresh(minutesOf(20, 0.1, 3, 2))).toBeLessThan(10);
    expect(fresh(minutesOf(20, 0.45, 4, 6))).toBeLessThan(10);
    // A rush hour's trucks in an empty street.
    expect(fresh(minutesOf(20, 0.45, 5, 2))).toBeGreaterThan(20);
  });

  it('is not learned from a handful of objects', () => {
    expect(learnMix([[{ objects: [new Map([['car', 3]])], detections: [1] }]])).toBeUndefined();
    expect(learnMix([])).toBeUndefined();
  });

  it('leans on the others where a time of day or a level was hardly seen', () => {
    const mix = learnMix([minutesOf(40, 0.3, 1), []])!;
    for (const [level, shares] of mix.shares[1]!.entries())
      expect(shares[1]).toBeCloseTo(mix.shares[0]![level]![1]!, 1);
  });

  it('gives evidence for a class that it never saw', () => {
    const mix = learnMix([minutesOf(20, 0.1, 1)])!;
    const judge = new ClassMixTest(mix);
    let sum = 0;
    for (let s = 0; s < 60; s++)
      sum += judge.add(new Map([[s % 5 === 0 ? 'tram' : 'car', 1]]), 2, mix.shares[0]!);
    expect(sum).toBeGreaterThan(10);
    judge.reset();
    expect(judge.add(new Map(), 2, mix.shares[0]!)).toBeNaN();
  });

  it('is judged where nobody knows how busy the street is', () => {
    const unknown = minutesOf(20, 0.1, 1, Number.NaN);
    const mix = learnMix([unknown])!;
    expect(mix.busy).toEqual([]);
    expect(said(new ClassMixTest(mix), unknown, mix.shares[0]!)).toBeLessThan(10);
    const known = learnMix([minutesOf(20, 0.1, 1)])!;
    expect(said(new ClassMixTest(known), unknown, known.shares[0]!)).toBeLessThan(10);
  });

  it('is a number for whatever comes', () => {
    const mix = learnMix([minutesOf(20, 0.2, 1)])!;
    const second = fc.tuple(
      fc.dictionary(
        fc.constantFrom('car', 'truck', '', '__proto__', 'tram'),
        fc.integer({ min: 1, max: 40 }),
      ),
      fc.oneof(fc.constant(Number.NaN), fc.double({ min: 0, max: 30, noNaN: true })),
    );
    fc.assert(
      fc.property(fc.array(second, { maxLength: 40 }), (seconds) => {
        const judge = new ClassMixTest(mix);
        for (const [objects, detections] of seconds) {
          const counts = new Map(Object.entries(objects));
          const nats = judge.add(counts, detections, mix.shares[0]!);
          expect(Number.isFinite(nats)).toBe(counts.size > 0);
        }
      }),
    );
  });
});
