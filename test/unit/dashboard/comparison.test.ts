import { describe, expect, it } from 'vitest';
import { readComparison } from '../../../src/dashboard/device/comparison.ts';
import { currentValue, joinTables, valueAt } from '../../../src/dashboard/ui/line-values.ts';

const day = 86_400_000;

describe('what a chart is compared with', () => {
  it.each([
    ['', undefined],
    ['compare=', undefined],
    ['compare=-3d', undefined],
    ['compare=-1d', { key: '-1d', words: 'a day before', shiftMs: day }],
    ['compare=-7d', { key: '-7d', words: 'a week before', shiftMs: 7 * day }],
    ['compare=cam-8', { key: 'cam-8', words: 'cam-8', device: 'cam-8', shiftMs: 0 }],
  ])('is read from the address: %s', (text, comparison) => {
    expect(readComparison(new Map(new URLSearchParams(text)))).toEqual(comparison);
  });
});

describe('two lines on one time axis', () => {
  const first = { timeMs: [0, 10, 20, 30], values: [[1, 2, null, 4]] };
  const second = { timeMs: [5, 15, 25], values: [[7, 8, 9]] };
  const joined = joinTables(first, second);

  it('keep their holes apart from times that only the other one has', () => {
    expect(joined).toEqual({
      timeMs: [0, 5, 10, 15, 20, 25, 30],
      values: [
        [1, undefined, 2, undefined, null, undefined, 4],
        [undefined, 7, undefined, 8, undefined, 9, undefined],
      ],
    });
    expect(joinTables(first, { timeMs: [], values: [] })).toBe(first);
    expect(joinTables(first, { timeMs: [0, 10], values: [[5, 6]] }).values).toEqual([
      [1, 2, null, 4],
      [5, 6, undefined, undefined],
    ]);
  });

  it('are each read at the step that the pointer is in, and not in a hole or beyond their ends', () => {
    const { timeMs, values } = joined;
    const read = (line: number) => timeMs.map((_, at) => valueAt(timeMs, values[line]!, at));
    expect(read(0)).toEqual([1, 1, 2, 2, undefined, undefined, 4]);
    expect(read(1)).toEqual([7, 7, 7, 8, 8, 9, 9]);
    const short = joinTables({ timeMs: [0, 10, 20, 30, 40, 50], values: [[1, 1, 1, 1, 1, 1]] }, second);
    expect(valueAt(short.timeMs, short.values[1]!, short.timeMs.length - 1)).toBeUndefined();
    expect(valueAt(timeMs, values[0]!, 99)).toBeUndefined();
  });

  it('say what is so now each by its own newest value', () => {
    const minutes = (...at: number[]) => at.map((one) => one * 60_000);
    const table = joinTables(
      { timeMs: minutes(0, 1, 2, 3), values: [[1, 2, 3, 4]] },
      { timeMs: minutes(0, 1, 2, 3, 58, 59, 60), values: [[5, 5, 5, 5, 7, 8, 9]] },
    );
    const now = (line: number) => currentValue(table.timeMs, table.values[line]!, 0, 60 * 60_000);
    expect([now(0), now(1)]).toEqual([undefined, 9]);
    expect(currentValue([], [], 0, 1)).toBeUndefined();
  });
});
