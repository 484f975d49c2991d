import { describe, expect, it } from 'vitest';
import {
  addMinute,
  learnScore as learnSums,
  ObjectScoreTest,
  scoreNumbers,
} from '../../../../src/drift/profile/object-score.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import type { ObjectScores } from '../../../../src/drift/signals/tracked-objects.ts';

/** Two objects a second; every minute has a light of its own, which all of its objects share. */
function minutesOf(count: number, mean: number, seed: number): ObjectScores[][] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const light = 0.02 * random.normal();
    return Array.from({ length: 60 }, () => {
      const said = [0, 1].map(() => mean + light + 0.1 * random.normal());
      return {
        count: 2,
        sum: said.reduce((sum, value) => sum + value, 0),
        squares: said.reduce((sum, value) => sum + value * value, 0),
      };
    });
  });
}

function learnScore(times: readonly (readonly ObjectScores[][])[]) {
  return learnSums(
    times.map((minutes) => {
      const sums = new Float64Array(scoreNumbers);
      for (const seconds of minutes) addMinute(sums, seconds);
      return sums;
    }),
  );
}

function evidence(minutes: readonly ObjectScores[][], judge: ObjectScoreTest, mean: number): number {
  return minutes.flat().reduce((sum, said) => sum + judge.add(said, mean), 0);
}

describe('The usual score of objects', () => {
  it('is learned for every time of day, and strays more than independent objects would', () => {
    const score = learnScore([minutesOf(40, 0, 1), minutesOf(40, -0.1, 2)])!;
    expect(score.means[0]).toBeCloseTo(0, 1);
    expect(score.means[1]).toBeCloseTo(-0.1, 1);
    // Independent: 0.1. With the light of a minute on its 120 objects: root of 0.01 + 120 x 0.0004.
    expect(score.deviation).toBeGreaterThan(0.17);
    expect(score.deviation).toBeLessThan(0.33);
  });

  it('is not learned from a handful, and never has no spread', () => {
    expect(learnScore([[[{ count: 5, sum: 0, squares: 0 }]]])).toBeUndefined();
    expect(learnScore([])).toBeUndefined();
    const still = Array.from({ length: 10 }, () => [{ count: 10, sum: 0, squares: 0 }]);
    expect(learnScore([still])!.deviation).toBeGreaterThan(0);
  });

  it('falls while scores stay or rise, and rises when they fall', () => {
    const { means, deviation } = learnScore([minutesOf(60, 0, 3)])!;
    const run = (mean: number) => evidence(minutesOf(10, mean, 4), new ObjectScoreTest(deviation), means[0]!);
    expect(run(0)).toBeLessThan(6);
    expect(run(0.2)).toBeLessThanOrEqual(0);
    expect(run(-0.2)).toBeGreaterThan(100);
  });

  it('skips a second without objects, and starts over after a reset', () => {
    const judge = new ObjectScoreTest(0.1);
    expect(judge.add({ count: 0, sum: 0, squares: 0 }, 0)).toBeNaN();
    evidence(minutesOf(5, -0.2, 5), judge, 0);
    judge.reset();
    // Without a memory the first object says nothing.
    expect(judge.add({ count: 1, sum: -1, squares: 1 }, 0)).toBeCloseTo(0, 12);
  });
});
