import type { Head } from '../../model/index.ts';
import type { Segment } from './head-rows.ts';
import { type AroundPoints, boxAround, hullOfRows, type RowSpan } from './least-box.ts';

/** A part of a map that hangs together, as a box in pixels of the input. */
export interface MapRegion extends AroundPoints {
  /** Mean of the map inside of the box, before it grew. */
  readonly score: number;
}

/** As DBPostProcess of PP-OCR: what is smaller is a speck. */
const leastSide = 3;
const leastGrown = leastSide + 2;
const mostRegions = 1000;

/**
 * The boxes of DB (Liao et al., 2020): places above the threshold that touch each other, also at a corner, the least box around
 * them, and that box grown on each side by `grow` times its area over its perimeter, since networks learn texts that were shrunk so.
 */
export function mapRegions(
  { output, at, threshold, grow }: NonNullable<Head['regions']>,
  { rows: places, views }: Segment,
  columns: number,
): MapRegion[] {
  const { data, start, rowStep, valueStep } = views[output]!;
  const lines = places / columns;
  const from = start + at * valueStep;
  const valueAt = (place: number) => data[from + place * rowStep]!;
  const seen = new Uint8Array(places);
  const found: MapRegion[] = [];
  for (let place = 0; place < places && found.length < mostRegions; place++) {
    if (seen[place] === 1 || !(valueAt(place) > threshold)) continue;
    const spans = fill(place, columns, lines, seen, (other) => valueAt(other) > threshold);
    const box = boxAround(hullOfRows(spans));
    if (!(Math.min(box.width, box.height) >= leastSide)) continue;
    const score = meanInside(box, columns, lines, valueAt);
    const distance = (box.width * box.height * grow) / (2 * (box.width + box.height));
    const grown = { ...box, width: box.width + 2 * distance, height: box.height + 2 * distance, score };
    if (Math.min(grown.width, grown.height) >= leastGrown) found.push(grown);
  }
  return found;
}

/** Marks what touches `first`; its left- and rightmost place in each line, from the top. */
function fill(
  first: number,
  columns: number,
  lines: number,
  seen: Uint8Array,
  isIn: (place: number) => boolean,
): RowSpan[] {
  const spans = new Map<number, { y: number; left: number; right: number }>();
  const stack = [first];
  seen[first] = 1;
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const x = place % columns;
    const y = (place - x) / columns;
    const span = spans.get(y);
    if (span === undefined) spans.set(y, { y, left: x, right: x });
    else {
      span.left = Math.min(span.left, x);
      span.right = Math.max(span.right, x);
    }
    for (let v = Math.max(0, y - 1); v <= Math.min(lines - 1, y + 1); v++)
      for (let u = Math.max(0, x - 1); u <= Math.min(columns - 1, x + 1); u++) {
        const other = v * columns + u;
        if (seen[other] === 1 || !isIn(other)) continue;
        seen[other] = 1;
        stack.push(other);
      }
  }
  return [...spans.values()].sort((a, b) => a.y - b.y);
}

/** Mean over the places whose points lie in the box. */
function meanInside(
  { cx, cy, width, height, cos, sin }: AroundPoints,
  columns: number,
  lines: number,
  valueAt: (place: number) => number,
): number {
  const reachX = (width * Math.abs(cos) + height * Math.abs(sin)) / 2;
  const reachY = (width * Math.abs(sin) + height * Math.abs(cos)) / 2;
  const end = (value: number, most: number) => Math.min(most, Math.max(0, value));
  const [left, right] = [end(Math.floor(cx - reachX), columns - 1), end(Math.ceil(cx + reachX), columns - 1)];
  const [top, bottom] = [end(Math.floor(cy - reachY), lines - 1), end(Math.ceil(cy + reachY), lines - 1)];
  // The corners themselves are inside, however they were rounded.
  const [halfWidth, halfHeight] = [width / 2 + 1e-6, height / 2 + 1e-6];
  let sum = 0;
  let count = 0;
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const [dx, dy] = [x - cx, y - cy];
      if (Math.abs(dx * cos + dy * sin) > halfWidth || Math.abs(dy * cos - dx * sin) > halfHeight) continue;
      const value = valueAt(y * columns + x);
      if (!Number.isFinite(value)) continue;
      sum += value;
      count += 1;
    }
  return count === 0 ? 0 : sum / count;
}
