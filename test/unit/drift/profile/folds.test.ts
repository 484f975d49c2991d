import { describe, expect, it } from 'vitest';
import { folds, foldsOf } from '../../../../src/drift/profile/folds.ts';

describe('The parts of a reference', () => {
  it('are stretches of time, each about as long', () => {
    expect(foldsOf(10, 0)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
    expect(new Set(foldsOf(6, 0)).size).toBe(folds);
  });

  it('hold the minutes on both sides of a full hour together', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => foldsOf(6, hour));
    for (const [hour, parts] of hours.entries()) expect(parts.at(-1)).toBe(hours[(hour + 1) % 24]!.at(0));
  });
});
