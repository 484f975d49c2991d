import { describe, expect, it } from 'vitest';
import type { GoldenDetection } from '../../../../src/model/index.ts';
import { chooseGolden } from '../../../../src/optimize/index.ts';

const car = (x: number, score = 0.9, label = 'car'): GoldenDetection => ({
  label,
  score,
  box: [x, 0, x + 10, 10],
});

describe('The choice of golden frames', () => {
  it('shows every class that can be shown', () => {
    const frames = [[car(0), car(20), car(40)], [car(0), car(20)], [car(0, 0.9, 'bus')], []];
    expect(chooseGolden(frames, 2)).toEqual([0, 2]);
    expect(chooseGolden(frames, 10)).toEqual([0, 1, 2, 3]);
  });
});
