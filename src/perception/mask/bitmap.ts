import type { Box, Mask } from '../detection.ts';

/** The pixels of one object: 1 within, 0 without; of the part of the frame that holds it. */
export interface Bitmap {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A mask in the frame's pixels: between the centres of cells probabilities are linear, and the object lies within its box. */
export function bitmapOfMask(mask: Mask, box: Box, frame: Size): Bitmap {
  const bitmap = emptyBitmap(box, frame);
  for (let y = 0; y < bitmap.height; y++) {
    const row = (bitmap.top + y + 0.5 - mask.y) / mask.cellHeight - 0.5;
    for (let x = 0; x < bitmap.width; x++) {
      const column = (bitmap.left + x + 0.5 - mask.x) / mask.cellWidth - 0.5;
      if (valueAt(mask, column, row) > 127.5) bitmap.pixels[y * bitmap.width + x] = 1;
    }
  }
  return bitmap;
}

/** Rings of x, y, x, y, ... in pixels; what an odd number of rings surrounds is within. */
export function bitmapOfRings(rings: readonly (readonly number[])[], frame: Size): Bitmap {
  const xs = rings.flatMap((ring) => ring.filter((_, i) => i % 2 === 0));
  const ys = rings.flatMap((ring) => ring.filter((_, i) => i % 2 === 1));
  const box = { x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys) };
  const bitmap = emptyBitmap(box, frame);
  for (let y = 0; y < bitmap.height; y++) {
    const crossings = crossingsAt(rings, bitmap.top + y + 0.5);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil(crossings[i]! - bitmap.left - 0.5));
      const to = Math.min(bitmap.width, Math.ceil(crossings[i + 1]! - bitmap.left - 0.5));
      if (to > from) bitmap.pixels.fill(1, y * bitmap.width + from, y * bitmap.width + to);
    }
  }
  return bitmap;
}

/** Intersection over union, 0..1; 0 where both are empty. */
export function bitmapIou(a: Bitmap, b: Bitmap): number {
  let both = 0;
  const left = Math.max(a.left, b.left);
  const right = Math.min(a.left + a.width, b.left + b.width);
  const bottom = Math.min(a.top + a.height, b.top + b.height);
  for (let y = Math.max(a.top, b.top); y < bottom; y++) {
    const inA = (y - a.top) * a.width - a.left;
    const inB = (y - b.top) * b.width - b.left;
    for (let x = left; x < right; x++) both += a.pixels[inA + x]! & b.pixels[inB + x]!;
  }
  const all = countOf(a) + countOf(b) - both;
  return all === 0 ? 0 : both / all;
}

function countOf({ pixels }: Bitmap): number {
  let count = 0;
  for (const pixel of pixels) count += pixel;
  return count;
}

function emptyBitmap(box: Box, frame: Size): Bitmap {
  const left = Math.max(0, Math.floor(box.x1));
  const top = Math.max(0, Math.floor(box.y1));
  const width = Math.max(0, Math.min(frame.width, Math.ceil(box.x2)) - left);
  const height = Math.max(0, Math.min(frame.height, Math.ceil(box.y2)) - top);
  return { left, top, width, height, pixels: new Uint8Array(width * height) };
}

/** At the edges the outermost centres count on. */
function valueAt({ columns, rows, values }: Mask, column: number, row: number): number {
  const x = Math.min(columns - 1, Math.max(0, column));
  const y = Math.min(rows - 1, Math.max(0, row));
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [x1, y1] = [Math.min(columns - 1, x0 + 1), Math.min(rows - 1, y0 + 1)];
  const [fx, fy] = [x - x0, y - y0];
  const upper = values[y0 * columns + x0]! * (1 - fx) + values[y0 * columns + x1]! * fx;
  const lower = values[y1 * columns + x0]! * (1 - fx) + values[y1 * columns + x1]! * fx;
  return upper * (1 - fy) + lower * fy;
}

/** Where the line y meets the rings, from left to right. */
function crossingsAt(rings: readonly (readonly number[])[], y: number): number[] {
  const found: number[] = [];
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      const [x1, y1] = [ring[i]!, ring[i + 1]!];
      const j = (i + 2) % ring.length;
      const [x2, y2] = [ring[j]!, ring[j + 1]!];
      if (y1 <= y !== y2 <= y) found.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
    }
  }
  return found.sort((a, b) => a - b);
}
