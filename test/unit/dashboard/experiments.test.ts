import { describe, expect, it } from 'vitest';
import type { RolloutDetail } from '../../../src/api/index.ts';
import { parsePart, standingWords } from '../../../src/dashboard/rollouts/standing.ts';
import { actionsFor } from '../../../src/dashboard/rollouts/words.ts';

describe('How an experiment stands', () => {
  it.each([
    [{ b: 5, waits: 0, all: 12, asked: 50 }, 'B has 5 of 12 cameras (42 %); 50 % asked'],
    [{ b: 0, waits: 1, all: 1, asked: 33.34 }, 'B has 0 of 1 camera (0 %), 1 waits; 33.3 % asked'],
    [{ b: 0, waits: 2, all: 2, asked: undefined }, 'B has 0 of 2 cameras (0 %), 2 wait'],
    [{ b: 0, waits: 0, all: 0, asked: 50 }, 'B has 0 of 0 cameras (0 %); 50 % asked'],
  ])('is said in words: %o', (standing, words) => {
    expect(standingWords({ unit: 'camera', ...standing })).toBe(words);
  });

  it.each([
    ['50', 50],
    ['33.3', 33.3],
    ['0', undefined],
    ['100', undefined],
    ['-1', undefined],
    [' ', undefined],
    ['a', undefined],
  ])('is changed to %s where that is a part', (text, percent) => {
    expect(parsePart(text)).toBe(percent);
  });

  it.each<[string, Partial<RolloutDetail['policy']>, readonly string[]]>([
    ['by camera', { experiment: { by: 'camera', percent: 50 } }, ['resize', 'promote', 'pause', 'rollback']],
    [
      'by device',
      { experiment: { by: 'device', percent: 50 } },
      ['resize', 'promote', 'pause', 'abort', 'rollback'],
    ],
    [
      'by labels',
      { experiment: { by: 'device', labels: { ring: 'b' } } },
      ['promote', 'pause', 'abort', 'rollback'],
    ],
  ])('%s is what a person can do with it', (_, policy, actions) => {
    const detail = { state: 'comparing', wave: 0, policy } as unknown as RolloutDetail;
    expect(actionsFor(detail)).toEqual(actions);
  });
});
