import { describe, expect, it } from 'vitest';
import { findShift, gradientMatch, gradients } from '../../../../src/drift/picture/structure.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import { thumbnailHeight, thumbnailWidth } from '../../../../src/perception/index.ts';

const place = (() => {
  const random = seededRandom(2);
  const width = thumbnailWidth + 40;
  const values = Float32Array.from({ length: width * (thumbnailHeight + 30) }, () => 255 * random.next());
  return (dx: number, dy: number, gain = 1, offset = 0) =>
    Float32Array.from({ length: thumbnailWidth * thumbnailHeight }, (_, i) => {
      const x = (i % thumbnailWidth) + 20 + dx;
      const y = Math.floor(i / thumbnailWidth) + 15 + dy;
      // Smooth over neighbours, so that half a cell of shift is not a new picture.
      let sum = 0;
      for (let b = 0; b < 3; b++) for (let a = 0; a < 3; a++) sum += values[(y + b - 1) * width + x + a - 1]!;
      return gain * (sum / 9) + offset;
    });
})();

describe('The match of edges', () => {
  it('is one for the same view under another light, and near zero for another view', () => {
    const view = gradients(place(0, 0));
    expect(gradientMatch(view, gradients(place(0, 0, 0.4, 60)), 0, 0)).toBeCloseTo(1, 3);
    expect(Math.abs(gradientMatch(view, gradients(place(19, 13)), 0, 0))).toBeLessThan(0.15);
  });

  it('finds by how many cells a view has moved', () => {
    for (const [dx, dy] of [
      [0, 0],
      [3, 0],
      [-7, 2],
      [10, -5],
    ] as const) {
      const found = findShift(gradients(place(dx, dy)), gradients(place(0, 0)));
      expect([found.dx, found.dy]).toEqual([-dx, -dy].map((value) => value + 0));
      expect(found.match).toBeGreaterThan(0.9);
    }
  });

  it('is zero, not NaN, for a picture without edges', () => {
    expect(
      gradientMatch(
        gradients(new Uint8Array(thumbnailWidth * thumbnailHeight)),
        gradients(place(0, 0)),
        0,
        0,
      ),
    ).toBe(0);
  });
});
