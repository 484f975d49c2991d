import type { Box, Point } from '../perception/index.ts';

/** A picture cut into cells, row by row. */
export interface CellGrid {
  readonly columns: number;
  readonly rows: number;
}

/** 1 for every cell that a polygon touches, so that nothing of it stays outside. Corners are parts of the picture, 0..1. */
export function cellsUnderPolygons(polygons: readonly (readonly Point[])[], grid: CellGrid): Uint8Array {
  const { columns, rows } = grid;
  const cells = new Uint8Array(columns * rows);
  for (const polygon of polygons) {
    const corners = polygon.map(([x, y]) => [x * columns, y * rows] as const);
    const xs = corners.map(([x]) => x);
    const ys = corners.map(([, y]) => y);
    const [left, right] = [first(Math.min(...xs), columns), last(Math.max(...xs), columns)];
    const [top, bottom] = [first(Math.min(...ys), rows), last(Math.max(...ys), rows)];
    for (let row = top; row <= bottom; row++)
      for (let column = left; column <= right; column++)
        if (touches(corners, column, row)) cells[row * columns + column] = 1;
  }
  return cells;
}

/** Sets every cell that a box touches. Boxes are parts of the picture, 0..1. */
export function coverBoxes(cells: Uint8Array, boxes: readonly Box[], { columns, rows }: CellGrid): void {
  for (const { x1, y1, x2, y2 } of boxes) {
    const [left, right] = [first(x1 * columns, columns), last(x2 * columns, columns)];
    for (let row = first(y1 * rows, rows); row <= last(y2 * rows, rows); row++)
      cells.fill(1, row * columns + left, row * columns + right + 1);
  }
}

const first = (at: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(at)));
const last = (at: number, count: number) => Math.min(count - 1, Math.max(0, Math.ceil(at) - 1));

type Corner = readonly [x: number, y: number];

function touches(corners: readonly Corner[], column: number, row: number): boolean {
  let inside = false;
  for (const [i, to] of corners.entries()) {
    const from = corners.at(i - 1)!;
    if (crossesCell(from, to, column, row)) return true;
    const [x, y] = [column + 0.5, row + 0.5];
    if (from[1] > y !== to[1] > y && x < ((to[0] - from[0]) * (y - from[1])) / (to[1] - from[1]) + from[0])
      inside = !inside;
  }
  return inside;
}

/** Whether a segment has a point in the cell: what of it is left between the four sides (Liang and Barsky). */
function crossesCell([x1, y1]: Corner, [x2, y2]: Corner, column: number, row: number): boolean {
  let [from, to] = [0, 1];
  for (const [step, room] of [
    [x1 - x2, x1 - column],
    [x2 - x1, column + 1 - x1],
    [y1 - y2, y1 - row],
    [y2 - y1, row + 1 - y1],
  ] as const) {
    if (step === 0 && room < 0) return false;
    if (step < 0) from = Math.max(from, room / step);
    else if (step > 0) to = Math.min(to, room / step);
  }
  return from <= to;
}
