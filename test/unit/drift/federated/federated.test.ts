import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distances, sumProfile } from '../../../../src/drift/federated/fleet-profile.ts';
import { maskCounts, type PairMask, sumMasked } from '../../../../src/drift/federated/masks.ts';
import { geometricNoise, noisyCounts } from '../../../../src/drift/federated/noise.ts';
import { seededRandom } from '../../../../src/drift/random.ts';

/** Numbers out of a secret that every pair has of its own. */
const maskOf: PairMask = ([a, b], round, length) =>
  Uint32Array.from({ length }, (_, index) =>
    createHmac('sha256', `secret of ${a} and ${b}`).update(`${round} ${index}`).digest().readUInt32LE(0),
  );

describe('Secure summation', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 5, maxLength: 5 });

  it('gives the sum of all who began, and none where one of them is missing', () => {
    fc.assert(
      fc.property(fc.array(counts, { minLength: 3, maxLength: 6 }), (all) => {
        const devices = all.map((_, index) => `device-${index}`);
        const vectors = new Map(
          devices.map((device, index) => [device, maskCounts(device, devices, 'r1', all[index]!, maskOf)]),
        );
        const wanted = [0, 1, 2, 3, 4].map((at) => all.reduce((sum, one) => sum + one[at]!, 0));
        expect(sumMasked(vectors, devices)).toEqual(wanted);
        expect(sumMasked(vectors, [...devices, 'silent'])).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  it('sends what says nothing by itself: the same counts look like any number, and other ones each round', () => {
    const devices = ['a', 'b', 'c'];
    const zero = new Array(4000).fill(0);
    const sent = maskCounts('a', devices, 'r1', zero, maskOf);
    const mean = sent.reduce((sum, one) => sum + one, 0) / sent.length;
    expect(Math.abs(mean / 2 ** 32 - 0.5)).toBeLessThan(0.02);
    expect(new Set(sent).size).toBeGreaterThan(3990);
    expect(maskCounts('a', devices, 'r2', zero, maskOf)).not.toEqual(sent);
  });

  it('gives no sum of two, of vectors of two lengths, and takes no count that is none', () => {
    const devices = ['a', 'b', 'c'];
    const vector = (device: string, length = 2) =>
      maskCounts(device, devices, 'r', new Array(length).fill(1), maskOf);
    const two = new Map([
      ['a', vector('a')],
      ['b', vector('b')],
    ]);
    expect(sumMasked(two, ['a', 'b'])).toBeUndefined();
    const uneven = new Map([...two, ['c', vector('c', 3)]]);
    expect(sumMasked(uneven, devices)).toBeUndefined();
    for (const bad of [-1, 0.5, 2 ** 31, Number.NaN])
      expect(() => maskCounts('a', devices, 'r', [bad], maskOf)).toThrow(/2\^31/);
  });
});

describe('Noise on counts', () => {
  it('keeps what epsilon promises: one object more changes no answer by more than e^epsilon', () => {
    const random = seededRandom(5);
    const epsilon = 0.7;
    const seen = new Map<number, number>();
    const draws = 60_000;
    for (let draw = 0; draw < draws; draw++) {
      const noise = geometricNoise(epsilon, 1, random.next);
      seen.set(noise, (seen.get(noise) ?? 0) + 1);
    }
    for (let value = -2; value <= 2; value++) {
      const ratio = (seen.get(value) ?? 0) / (seen.get(value + 1) ?? 1);
      expect(Math.abs(Math.log(ratio))).toBeLessThan(epsilon + 0.1);
      // It is no more than promised, and no less either.
      expect(Math.abs(Math.log(ratio))).toBeGreaterThan(epsilon - 0.1);
    }
    const mean = [...seen].reduce((sum, [value, count]) => sum + value * count, 0) / draws;
    expect(Math.abs(mean)).toBeLessThan(0.05);
  });

  it('leaves whole numbers that are not below nothing', () => {
    const random = seededRandom(6);
    for (const count of noisyCounts([0, 0, 0, 5, 1000], 0.1, 1, random.next)) {
      expect(Number.isInteger(count)).toBe(true);
      expect(count).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('The profile of a fleet', () => {
  const camera = (name: string, car: number, person: number, low = 0) => ({
    ...{ device: name, camera: 'front', labels: { car, person } },
    scores: { [-4]: car + person - low, [-12]: low },
  });

  it('is the sum of its cameras', () => {
    expect(sumProfile([camera('a', 10, 5), camera('b', 1, 2, 3)])).toEqual({
      ...{ cameras: 2, labels: { car: 11, person: 7 }, scores: { [-4]: 15, [-12]: 3 } },
    });
  });

  it('names the camera that is unlike the others, by its mix or by its scores', () => {
    const usual = ['a', 'b', 'c', 'd'].map((name) => camera(name, 800, 200));
    expect(distances([...usual, camera('odd', 100, 900)])[0]).toMatchObject({
      device: 'odd',
      mix: expect.closeTo(0.7),
    });
    expect(distances([...usual, camera('weak', 800, 200, 900)])[0]).toMatchObject({
      device: 'weak',
      scores: expect.closeTo(0.9),
    });
  });

  it('gives no verdict on a camera with few objects, or on a single camera', () => {
    expect(
      distances([camera('a', 800, 200), camera('b', 3, 1), camera('c', 800, 200)]).map(
        ({ device }) => device,
      ),
    ).toEqual(['a', 'c']);
    expect(distances([camera('a', 800, 200)])).toEqual([]);
  });
});
