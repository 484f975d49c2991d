import { describe, expect, it } from 'vitest';
import { folds, foldsOf } from '../../../../src/drift/profile/folds.ts';

describe('The parts of a reference', () => {
  it('are stretches of time, each about as long', () => {
    expect(foldsOf(10)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
    for (const minutes of [6, 7, 136]) expect(new Set(foldsOf(minutes)).size).toBe(folds);
  });
});
