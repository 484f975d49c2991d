import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign } from '../../../../src/perception/tracker/assignment.ts';

/** Largest saving over leaving all unmatched, by trying everything. */
function bestSaving(cost: readonly number[], rows: number, columns: number, limit: number): number {
  const used = new Set<number>();
  const from = (row: number): number => {
    if (row === rows) return 0;
    let best = from(row + 1);
    for (let column = 0; column < columns; column++) {
      const value = cost[row * columns + column]!;
      if (used.has(column) || !(value < limit)) continue;
      used.add(column);
      best = Math.max(best, limit - value + from(row + 1));
      used.delete(column);
    }
    return best;
  };
  return from(0);
}

describe('assign', () => {
  it('is as good as trying every assignment, for every shape and with forbidden pairs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 6 }),
        fc.infiniteStream(
          fc.oneof(
            fc.integer({ min: 0, max: 12 }).map((v) => v / 10),
            fc.constant(Number.POSITIVE_INFINITY),
          ),
        ),
        (rows, columns, stream) => {
          const cost = [...stream.take(rows * columns)];
          const result = assign(Float64Array.from(cost), rows, columns, 1);
          const taken = [...result].filter((column) => column >= 0);
          expect(new Set(taken).size).toBe(taken.length);
          let saving = 0;
          for (const [row, column] of result.entries()) {
            if (column < 0) continue;
            expect(cost[row * columns + column]).toBeLessThan(1);
            saving += 1 - cost[row * columns + column]!;
          }
          expect(saving).toBeCloseTo(bestSaving(cost, rows, columns, 1), 9);
        },
      ),
      { numRuns: 500, seed: 2 },
    );
  });

  it('does not tear a good pair apart to make two bad ones', () => {
    expect([...assign(Float64Array.of(0.1, 0.79, 0.79, 2), 2, 2, 0.8)]).toEqual([0, -1]);
  });

  it('solves three hundred by three hundred in one group', () => {
    const n = 300;
    // Unique optimum: the diagonal.
    const cost = Float64Array.from(
      { length: n * n },
      (_, i) => 0.001 * Math.abs(Math.floor(i / n) - (i % n)),
    );
    expect([...assign(cost, n, n, 1)]).toEqual(Array.from({ length: n }, (_, i) => i));
  });
});
