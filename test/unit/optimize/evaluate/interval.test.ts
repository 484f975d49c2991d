import { describe, expect, it } from 'vitest';
import { lossInterval } from '../../../../src/optimize/evaluate/interval.ts';

describe('The interval of a loss', () => {
  it('holds 95 of 100 differences, draw by draw', () => {
    const from = Array.from({ length: 201 }, () => 0.5);
    const to = from.map((map, draw) => map - draw / 1000);
    const { low, high } = lossInterval(from, to)!;
    expect(low).toBeCloseTo(0.005, 10);
    expect(high).toBeCloseTo(0.195, 10);
  });

  it('is unknown without draws, and where they do not belong together', () => {
    expect(lossInterval([], [])).toBeUndefined();
    expect(lossInterval([0.5, 0.4], [0.5])).toBeUndefined();
  });
});
