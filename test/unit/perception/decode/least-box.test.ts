import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxAround, hullOfRows } from '../../../../src/perception/decode/least-box.ts';

const place = fc.integer({ min: 0, max: 60 });
const spans = fc
  .array(fc.tuple(place, place), { minLength: 1, maxLength: 40 })
  .map((rows) => rows.map(([a, b], y) => ({ y, left: Math.min(a, b), right: Math.max(a, b) })));

describe('The least box around points', () => {
  it('holds all of them, is no larger than the upright one, and is as wide as it is high at least', () => {
    fc.assert(
      fc.property(spans, (rows) => {
        const { cx, cy, width, height, cos, sin } = boxAround(hullOfRows(rows));
        for (const { y, left, right } of rows)
          for (const x of [left, right]) {
            expect(Math.abs((x - cx) * cos + (y - cy) * sin)).toBeLessThanOrEqual(width / 2 + 1e-9);
            expect(Math.abs((y - cy) * cos - (x - cx) * sin)).toBeLessThanOrEqual(height / 2 + 1e-9);
          }
        const across =
          Math.max(...rows.map(({ right }) => right)) - Math.min(...rows.map(({ left }) => left));
        expect(width * height).toBeLessThanOrEqual(across * (rows.length - 1) + 1e-9);
        expect(width).toBeGreaterThanOrEqual(height);
        expect(cos > 0 || (cos === 0 && sin === 1)).toBe(true);
        expect(Math.hypot(cos, sin)).toBeCloseTo(1, 12);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a point', [{ y: 4, left: 7, right: 7 }], { cx: 7, cy: 4, width: 0, height: 0, cos: 1, sin: 0 }],
    ['a line', [{ y: 4, left: 2, right: 8 }], { cx: 5, cy: 4, width: 6, height: 0, cos: 1, sin: 0 }],
    [
      'a line downwards',
      [0, 1, 2, 3].map((y) => ({ y, left: 5, right: 5 })),
      { cx: 5, cy: 1.5, width: 3, height: 0, cos: 0, sin: 1 },
    ],
  ])('of %s has no height', (_, rows, box) => {
    expect(boxAround(hullOfRows(rows))).toEqual(box);
  });
});
