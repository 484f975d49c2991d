import {
  thumbnailHeight as height,
  thumbnailCells,
  thumbnailWidth as width,
} from '../../perception/index.ts';

/** Gradients of a small grey picture, x and y interleaved; the border is zero. */
export function gradients(grey: ArrayLike<number>, out = new Float32Array(thumbnailCells * 2)): Float32Array {
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      out[at * 2] = grey[at + 1]! - grey[at - 1]!;
      out[at * 2 + 1] = grey[at + width]! - grey[at - width]!;
    }
  return out;
}

/**
 * Normalised correlation of two gradient fields, the first moved by (dx, dy) cells, -1..1. Light, fog and gain leave it
 * nearly alone; another view does not. What is NaN in `a` counts on neither side. `step`: 2 looks at every second cell of
 * every second row.
 */
export function gradientMatch(
  a: Float32Array,
  b: Float32Array,
  dx: number,
  dy: number,
  step: 1 | 2 = 1,
): number {
  let product = 0;
  let squaresA = 0;
  let squaresB = 0;
  // Gradients of the border are zero.
  const rim = step - 1;
  const y1 = Math.min(height, height - dy) - rim;
  const x1 = Math.min(width, width - dx) - rim;
  for (let y = Math.max(0, -dy) + rim; y < y1; y += step)
    for (let x = Math.max(0, -dx) + rim; x < x1; x += step) {
      const atA = (y * width + x) * 2;
      const atB = ((y + dy) * width + x + dx) * 2;
      const ax = a[atA]!;
      const ay = a[atA + 1]!;
      const bx = b[atB]!;
      const by = b[atB + 1]!;
      if (Number.isNaN(ax + ay)) continue;
      product += ax * bx + ay * by;
      squaresA += ax * ax + ay * ay;
      squaresB += bx * bx + by * by;
    }
  const norm = Math.sqrt(squaresA * squaresB);
  return norm > 0 ? product / norm : 0;
}

export interface Shift {
  /** Cells from the reference to the picture; a cell is 1/64 of the width, 1/36 of the height. */
  readonly dx: number;
  readonly dy: number;
  /** Match there, -1..1. */
  readonly match: number;
  /** Match without any shift. */
  readonly inPlace: number;
}

/** Every shift of a few cells, since edges are narrow, and every second one further out. */
const near = { x: 10, y: 5 };
const far = { x: 24, y: 10 };

/** Where the reference is found again in the picture. Some 1 ms. */
export function findShift(live: Float32Array, reference: Float32Array): Shift {
  const inPlace = gradientMatch(reference, live, 0, 0);
  let best = { dx: 0, dy: 0, match: gradientMatch(reference, live, 0, 0, 2) };
  for (let dy = -far.y; dy <= far.y; dy++)
    for (let dx = -far.x; dx <= far.x; dx++) {
      const close = Math.abs(dx) <= near.x && Math.abs(dy) <= near.y;
      if (!close && ((dx | dy) & 1) !== 0) continue;
      const match = gradientMatch(reference, live, dx, dy, 2);
      if (match > best.match) best = { dx, dy, match };
    }
  const { dx, dy } = best;
  return { dx, dy, match: Math.max(inPlace, gradientMatch(reference, live, dx, dy)), inPlace };
}
