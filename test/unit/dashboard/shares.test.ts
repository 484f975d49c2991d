import { describe, expect, it } from 'vitest';
import { askedPercent, parseRange, shareWords } from '../../../src/dashboard/rollouts/standing.ts';

describe('How a share stands', () => {
  it.each([
    [{ b: 5, waits: 0, all: 12, asked: 50 }, 'B has 5 of 12 cameras (42 %); 50 % asked'],
    [{ b: 0, waits: 1, all: 1, asked: 33.34 }, 'B has 0 of 1 camera (0 %), 1 waits; 33.3 % asked'],
    [
      { b: 0, waits: 2, all: 2, asked: undefined },
      'B has 0 of 2 cameras (0 %), 2 wait; different shares asked',
    ],
    [{ b: 0, waits: 0, all: 0, asked: 50 }, 'B has 0 of 0 cameras (0 %); 50 % asked'],
  ])('is said in words: %o', (standing, words) => {
    expect(shareWords({ what: 'camera', ...standing })).toBe(words);
  });

  it.each([
    ['0', '50', { fromPercent: 0, toPercent: 50 }],
    ['33.3', '100', { fromPercent: 33.3, toPercent: 100 }],
    ['50', '50', undefined],
    ['60', '50', undefined],
    ['-1', '50', undefined],
    ['0', '101', undefined],
    ['', '50', undefined],
    ['0', ' ', undefined],
    ['a', '50', undefined],
  ])('is changed from %s to %s where that is a share', (from, to, range) => {
    expect(parseRange(from, to)).toEqual(range);
  });

  it('is asked for as one where all orders say the same', () => {
    const [half, other, third] = [
      { fromPercent: 0, toPercent: 50 },
      { fromPercent: 50, toPercent: 100 },
      { fromPercent: 0, toPercent: 30 },
    ];
    expect([askedPercent([half!, other!]), askedPercent([half!, third!]), askedPercent([])]).toEqual([
      50,
      undefined,
      undefined,
    ]);
  });
});
