import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsUnderPolygons, coverBoxes } from '../../../src/agent/index.ts';

const grid = { columns: 16, rows: 9 };

describe('Cells under a polygon', () => {
  it('are all that it touches, and no others', () => {
    const cells = cellsUnderPolygons(
      [
        [
          [0.26, 0.4],
          [0.49, 0.4],
          [0.49, 0.6],
          [0.26, 0.6],
        ],
      ],
      grid,
    );
    const set = [...cells].flatMap((cell, i) => (cell === 1 ? [[i % 16, Math.floor(i / 16)]] : []));
    expect(set).toEqual([3, 4, 5].flatMap((row) => [4, 5, 6, 7].map((column) => [column, row])));
  });

  it('hold every point of it, whatever its shape', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    const triangle = fc.tuple(fc.tuple(part, part), fc.tuple(part, part), fc.tuple(part, part));
    fc.assert(
      fc.property(triangle, part, part, (corners, u, v) => {
        const cells = cellsUnderPolygons([corners], grid);
        const [a, b] = u + v > 1 ? [1 - u, 1 - v] : [u, v];
        const at = (axis: 0 | 1) =>
          corners[0][axis] +
          a * (corners[1][axis] - corners[0][axis]) +
          b * (corners[2][axis] - corners[0][axis]);
        const column = Math.min(15, Math.floor(at(0) * 16));
        const row = Math.min(8, Math.floor(at(1) * 9));
        expect(cells[row * 16 + column]).toBe(1);
      }),
    );
  });
});

describe('Cells under boxes', () => {
  it('are all that a box touches, also where it leaves the picture', () => {
    const cells = new Uint8Array(16 * 9);
    coverBoxes(cells, [{ x1: -0.5, y1: 0.5, x2: 0.07, y2: 2 }], grid);
    expect([...cells].flatMap((cell, i) => (cell === 1 ? [i] : []))).toEqual(
      [4, 5, 6, 7, 8].flatMap((row) => [row * 16, row * 16 + 1]),
    );
  });
});
