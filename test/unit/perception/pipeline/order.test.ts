import { describe, expect, it } from 'vitest';
import { type Candidate, chooseNext } from '../../../../src/perception/pipeline/order.ts';

const never = Number.POSITIVE_INFINITY;
const base: Candidate = { dueMs: never, lateMs: never, depth: 0, turns: 0, servedAt: 0 };

describe('which frame is next', () => {
  it.each<[string, Partial<Candidate>, Partial<Candidate>]>([
    ['the one that is due first', { dueMs: 120 }, { dueMs: 130, turns: -5 }],
    ['one with a deadline before one without', { dueMs: 9000 }, { depth: 3, turns: -5 }],
    ['what was begun before what is new', { depth: 1, turns: 7 }, { depth: 0 }],
    ['the one with fewer turns for its weight', { turns: 1, servedAt: 9 }, { turns: 1.5, servedAt: 1 }],
    ['the one that was served least recently', { servedAt: 3 }, { servedAt: 4 }],
    ['by turns as soon as one is late', { dueMs: 300, turns: 1 }, { dueMs: 50, lateMs: 50, turns: 2 }],
    ['what was begun, also when one is late', { depth: 1, turns: 9 }, { lateMs: 50, turns: 1 }],
  ])('is %s', (_, first, second) => {
    const one = { ...base, ...first };
    const other = { ...base, ...second };
    expect(chooseNext([one, other], 100)).toBe(one);
    expect(chooseNext([other, one], 100)).toBe(one);
  });

  it('is empty without waiting frames', () => {
    expect(chooseNext([], 0)).toBeUndefined();
  });
});
