import { describe, expect, it } from 'vitest';
import { likelyLoss, lossInterval, worstLoss } from '../../../../src/optimize/evaluate/interval.ts';

describe('The interval of a loss', () => {
  it('holds 95 of 100 differences, draw by draw', () => {
    const from = Array.from({ length: 201 }, () => 0.5);
    const to = from.map((map, draw) => map - draw / 1000);
    const { low, high } = lossInterval(from, to)!;
    expect(low).toBeCloseTo(0.005, 10);
    expect(high).toBeCloseTo(0.195, 10);
  });

  it('has an end that budgets count, and a part that three of four draws lose', () => {
    const from = { value: 0.5, resampled: Array.from({ length: 201 }, () => 0.5) };
    const to = { value: 0.4, resampled: from.resampled.map((map, draw) => map - draw / 1000) };
    expect(worstLoss(from, to)).toBeCloseTo(0.195, 10);
    expect(likelyLoss(from, to)).toBeCloseTo(0.05, 10);
    const [plain, less] = [
      { value: 0.5, resampled: [] },
      { value: 0.4, resampled: [] },
    ];
    expect(worstLoss(plain, less)).toBeCloseTo(0.1, 10);
    expect(likelyLoss(plain, less)).toBeCloseTo(0.1, 10);
  });

  it('is unknown without draws, and where they do not belong together', () => {
    expect(lossInterval([], [])).toBeUndefined();
    expect(lossInterval([0.5, 0.4], [0.5])).toBeUndefined();
  });
});
