import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleRows } from '../../../src/dashboard/fleet/visible-rows.ts';

describe('visibleRows', () => {
  it('makes the rows of the window and a few more of ten thousand', () => {
    expect(visibleRows(10_000, 50, -5000, 900, 6)).toEqual({ first: 94, end: 124 });
  });

  it('makes the first rows while the list begins below the window, and the last at its end', () => {
    expect(visibleRows(100, 50, 2000, 900, 2)).toEqual({ first: 0, end: 0 });
    expect(visibleRows(100, 50, -99_999, 900, 2)).toEqual({ first: 100, end: 100 });
  });

  it('covers every row that can be seen, wherever the page is scrolled', () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.integer({ min: -600_000, max: 2000 }),
        fc.nat(20),
        (rows, top, overscan) => {
          const { first, end } = visibleRows(rows, 54, top, 900, overscan);
          expect(first).toBeGreaterThanOrEqual(0);
          expect(end).toBeLessThanOrEqual(rows);
          expect(end - first).toBeLessThanOrEqual(900 / 54 + 2 * overscan + 2);
          for (let row = 0; row < rows; row += 1 + Math.floor(rows / 200)) {
            const y = top + row * 54;
            if (y + 54 > 0 && y < 900) expect(row >= first && row < end).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
