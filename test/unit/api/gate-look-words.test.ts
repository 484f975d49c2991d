import { describe, expect, it } from 'vitest';
import { lateMinutes, lookWords } from '../../../src/api/index.ts';

const minute = (count: number) => 1_700_000_000_000 + count * 60_000;
const look = { number: 3, dueMs: minute(0) };

describe('A look of a gate in words', () => {
  it.each([
    [{ ...look, timeMs: minute(1) }, 'look 3 of 4'],
    [{ ...look, timeMs: minute(5) - 1 }, 'look 3 of 4'],
    [{ ...look, timeMs: minute(5) }, 'look 3 of 4, 5 min late'],
    [{ ...look, from: 2, timeMs: minute(25) }, 'looks 2 to 3 of 4 made as one, 25 min late'],
    [{ ...look, from: 2, timeMs: minute(0) }, 'looks 2 to 3 of 4 made as one'],
    [{ ...look, again: true, timeMs: minute(25) }, 'looked again'],
  ])('has one name everywhere: %o', (made, words) => {
    expect(lookWords(made, 4)).toBe(words);
  });

  it('is never early', () => {
    expect(lateMinutes({ dueMs: minute(9), timeMs: minute(0) })).toBe(0);
  });
});
