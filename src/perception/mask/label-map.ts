import type { Detection } from '../detection.ts';

/** Where nothing was found, and where the class has no number below it. */
const noLabel = 255;

/**
 * The number of the class of every pixel of the frame, line by line, by the masks of what was found; of several the surest one.
 * `noLabel` where there is none.
 */
export function labelMapOf(found: readonly Detection[], width: number, height: number): Uint8Array {
  const map = new Uint8Array(width * height).fill(noLabel);
  const weakestFirst = [...found].sort((a, b) => a.score - b.score);
  for (const { classId, box, mask } of weakestFirst) {
    if (mask === undefined || classId >= noLabel) continue;
    const left = Math.max(0, Math.floor(box.x1));
    const right = Math.min(width, Math.ceil(box.x2));
    for (let row = 0; row < mask.rows; row++) {
      // Pixels whose centres lie in this line of cells, and in the box.
      const top = Math.max(0, Math.floor(box.y1), Math.ceil(mask.y + row * mask.cellHeight - 0.5));
      const end = Math.ceil(mask.y + (row + 1) * mask.cellHeight - 0.5);
      const bottom = Math.min(height, Math.ceil(box.y2), end);
      if (bottom <= top) continue;
      const spans = spansOf(mask, row, left, right);
      for (let y = top; y < bottom; y++)
        for (const [from, to] of spans) map.fill(classId, y * width + from, y * width + to);
    }
  }
  return map;
}

/** From pixel to pixel, where a line of cells holds the object. */
function spansOf(
  mask: NonNullable<Detection['mask']>,
  row: number,
  left: number,
  right: number,
): readonly (readonly [number, number])[] {
  const spans: [number, number][] = [];
  const start = row * mask.columns;
  for (let column = 0; column < mask.columns; ) {
    const first = column;
    while (column < mask.columns && mask.values[start + column]! > 127) column += 1;
    if (column === first) {
      column += 1;
      continue;
    }
    const from = Math.max(left, Math.ceil(mask.x + first * mask.cellWidth - 0.5));
    const to = Math.min(right, Math.ceil(mask.x + column * mask.cellWidth - 0.5));
    if (to > from) spans.push([from, to]);
  }
  return spans;
}
