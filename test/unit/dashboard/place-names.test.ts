import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Area, placeNames } from '../../../src/dashboard/ui/place-names.ts';

const canvas = { width: 100, height: 100 };
const name = { width: 30, height: 10 };

describe('Names of boxes', () => {
  it.each([
    ['above its box', [{ x: 10, y: 50, width: 20, height: 20 }], [{ x: 10, y: 40 }]],
    ['below where the picture ends above', [{ x: 10, y: 2, width: 20, height: 20 }], [{ x: 10, y: 22 }]],
    ['within the picture at its edge', [{ x: 90, y: 50, width: 9, height: 20 }], [{ x: 70, y: 40 }]],
    ['within a box that fills the picture', [{ x: 0, y: 0, width: 100, height: 100 }], [{ x: 0, y: 0 }]],
    [
      'the stronger one first, where two want one place',
      [
        { x: 10, y: 50, width: 40, height: 20 },
        { x: 12, y: 50, width: 40, height: 20 },
      ],
      [
        { x: 10, y: 70 },
        { x: 12, y: 40 },
      ],
    ],
  ])('go %s', (_, boxes, spots) => {
    expect(
      placeNames(
        boxes,
        boxes.map(() => name),
        canvas,
      ),
    ).toMatchObject(spots);
  });

  it('are within the picture, and none lies over another', () => {
    const box = fc.record({
      ...{ x: fc.integer({ min: 0, max: 90 }), y: fc.integer({ min: 0, max: 90 }) },
      ...{ width: fc.integer({ min: 1, max: 60 }), height: fc.integer({ min: 1, max: 60 }) },
    });
    fc.assert(
      fc.property(fc.array(box, { maxLength: 12 }), (boxes) => {
        const placed = placeNames(
          boxes,
          boxes.map(() => name),
          canvas,
        ).filter((one) => one !== undefined);
        const apart = (a: Area, b: Area) =>
          a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        for (const [at, one] of placed.entries()) {
          expect(one.x).toBeGreaterThanOrEqual(0);
          expect(one.y).toBeGreaterThanOrEqual(0);
          expect(one.x + one.width).toBeLessThanOrEqual(100);
          expect(one.y + one.height).toBeLessThanOrEqual(100);
          expect(placed.slice(at + 1).every((other) => apart(one, other))).toBe(true);
        }
        if (boxes.length > 0) expect(placed.length).toBeGreaterThan(0);
      }),
    );
  });
});
