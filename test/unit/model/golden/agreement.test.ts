import { describe, expect, it } from 'vitest';
import { agreement, type GoldenDetection } from '../../../../src/model/index.ts';

const car = (x: number, score = 0.9, label = 'car'): GoldenDetection => ({
  label,
  score,
  box: [x, 0, x + 10, 10],
});

describe('Agreement with the golden set', () => {
  it('is whole with itself', () => {
    const frame = [car(0), car(30, 0.5), car(60, 0.25)];
    expect(agreement([{ expected: frame, found: frame }])).toBe(1);
  });

  it('counts a strong detection that the other side misses', () => {
    expect(agreement([{ expected: [car(0), car(30)], found: [car(0)] }])).toBeCloseTo(2 / 3, 10);
  });

  it('counts a strong detection that the other side invents', () => {
    expect(agreement([{ expected: [], found: [car(0)] }])).toBe(0);
  });

  it('takes no class for another', () => {
    expect(agreement([{ expected: [car(0)], found: [car(0, 0.9, 'truck')] }])).toBe(0);
  });

  it('decides nothing by a score on the edge', () => {
    expect(agreement([{ expected: [car(0, 0.41)], found: [car(0, 0.39)] }])).toBe(1);
  });

  it('uses every found box once', () => {
    expect(agreement([{ expected: [car(0), car(1)], found: [car(0)] }])).toBeCloseTo(2 / 3, 10);
  });
});
