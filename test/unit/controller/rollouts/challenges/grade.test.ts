import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grade } from '../../../../../src/controller/rollouts/challenges/grade.ts';
import type { ChallengeAnswer } from '../../../../../src/controller/rollouts/challenges/index.ts';
import { answerDistance } from '../../../../../src/model/index.ts';

const at = (x: number, score = 0.9): ChallengeAnswer => [{ label: 'car', score, box: [x, 0, x + 100, 100] }];
const nothing: ChallengeAnswer = [];

describe('The distance of two answers', () => {
  it.each([
    ['the same', at(0), at(0), 0],
    ['both of nothing', nothing, nothing, 0],
    ['one of nothing', at(0), nothing, 1],
    ['elsewhere', at(0), at(200), 1],
    ['of another class', at(0), [{ ...at(0)[0]!, label: 'truck' }], 1],
    ['less sure', at(0), at(0, 0.6), 0.3],
    ['a third of the box aside', at(0), at(20), 1 / 3],
  ])('%s', (_, one, other, distance) => {
    expect(answerDistance(one, other)).toBeCloseTo(distance, 6);
  });

  it('is between nothing and all, and none from itself', () => {
    const box = fc.tuple(
      fc.nat(500),
      fc.nat(500),
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    const answer = fc
      .array(box, { maxLength: 8 })
      .map(
        (boxes): ChallengeAnswer =>
          boxes.map(([x, y, side, score]) => ({ label: 'car', score, box: [x, y, x + side, y + side] })),
      );
    fc.assert(
      fc.property(answer, answer, (one, other) => {
        const distance = answerDistance(one, other);
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(1);
        expect(answerDistance(one, one)).toBeCloseTo(0, 9);
      }),
    );
  });
});

describe('An answer to a challenge', () => {
  const [now, before] = [at(0), at(40)];
  it.each([
    ['of the new version', now, before, 'right'],
    ['nearly of the new version, as another engine gives it', at(2, 0.87), before, 'right'],
    ['of the version before', before, before, 'wrong'],
    ['of nothing', nothing, before, 'wrong'],
    ['that did not come', undefined, before, 'wrong'],
    ['of who knows what was before, and it is far away', at(300), undefined, 'wrong'],
    ['of the new version, where nobody knows the one before', now, undefined, 'right'],
    ['where both versions answer alike', now, at(1), 'open'],
    ['far away, where both versions answer alike', at(300), at(1), 'wrong'],
  ] as const)('%s', (_, answer, old, expected) => {
    expect(grade(answer, now, old)).toBe(expected);
  });
});
