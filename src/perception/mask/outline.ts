import type { Box, Mask } from '../detection.ts';

type Point = readonly [x: number, y: number];

/** Half of 0..255: what is above belongs to the object. */
const level = 127.5;

/**
 * The outlines of a mask in pixels of the frame, clipped to its box: rings of x, y, x, y, ... as COCO's polygons. Marching squares over
 * the centres of the cells, with the line where the probability is one half. A hole is a ring of its own, turned the other way.
 */
export function outlinesOf(mask: Mask, box: Box): number[][] {
  const next = new Map<string, Point>();
  const starts: Point[] = [];
  for (let y = -1; y < mask.rows; y++) {
    for (let x = -1; x < mask.columns; x++) {
      for (const [from, to] of segmentsOf(mask, x, y)) {
        next.set(keyOf(from), to);
        starts.push(from);
      }
    }
  }
  const rings: number[][] = [];
  for (const start of starts) {
    const ring: number[] = [];
    for (let point: Point | undefined = start; point !== undefined; ) {
      const key = keyOf(point);
      const following = next.get(key);
      if (following === undefined) break;
      next.delete(key);
      ring.push(...toFrame(point, mask, box));
      point = following;
    }
    const few = withoutStraight(ring);
    if (few.length >= 6) rings.push(few);
  }
  return rings;
}

/** Of points on a straight line, within a twentieth of a pixel, the ends are enough. */
function withoutStraight(ring: readonly number[]): number[] {
  const kept: number[] = [];
  const count = ring.length / 2;
  for (let i = 0; i < count; i++) {
    const [x, y] = [ring[2 * i]!, ring[2 * i + 1]!];
    const after = (i + 1) % count;
    const [nextX, nextY] = [ring[2 * after]!, ring[2 * after + 1]!];
    const before = kept.length > 0 ? kept.length - 2 : 2 * (count - 1);
    const [lastX, lastY] =
      kept.length > 0 ? [kept[before]!, kept[before + 1]!] : [ring[before]!, ring[before + 1]!];
    const length = Math.hypot(nextX - lastX, nextY - lastY);
    const distance =
      length === 0
        ? Math.hypot(x - lastX, y - lastY)
        : Math.abs((nextX - lastX) * (lastY - y) - (lastX - x) * (nextY - lastY)) / length;
    if (distance > straight) kept.push(x, y);
  }
  return kept;
}

const straight = 0.05;

/** Lines through the square between four centres, with the object at their left. */
function segmentsOf(mask: Mask, x: number, y: number): readonly (readonly [Point, Point])[] {
  const [a, b, c, d] = [at(mask, x, y), at(mask, x + 1, y), at(mask, x + 1, y + 1), at(mask, x, y + 1)];
  const inside = (a > level ? 8 : 0) + (b > level ? 4 : 0) + (c > level ? 2 : 0) + (d > level ? 1 : 0);
  if (inside === 0 || inside === 15) return [];
  const top = (): Point => [x + part(a, b), y];
  const right = (): Point => [x + 1, y + part(b, c)];
  const bottom = (): Point => [x + part(d, c), y + 1];
  const left = (): Point => [x, y + part(a, d)];
  switch (inside) {
    case 1:
      return [[bottom(), left()]];
    case 2:
      return [[right(), bottom()]];
    case 3:
      return [[right(), left()]];
    case 4:
      return [[top(), right()]];
    case 5:
      return [
        [top(), left()],
        [bottom(), right()],
      ];
    case 6:
      return [[top(), bottom()]];
    case 7:
      return [[top(), left()]];
    case 8:
      return [[left(), top()]];
    case 9:
      return [[bottom(), top()]];
    case 10:
      return [
        [left(), bottom()],
        [right(), top()],
      ];
    case 11:
      return [[right(), top()]];
    case 12:
      return [[left(), right()]];
    case 13:
      return [[bottom(), right()]];
    default:
      return [[left(), bottom()]];
  }
}

/** Outside of the mask there is nothing. */
function at({ columns, rows, values }: Mask, x: number, y: number): number {
  return x < 0 || y < 0 || x >= columns || y >= rows ? 0 : values[y * columns + x]!;
}

/** Where between two centres the level is passed, 0..1. */
function part(from: number, to: number): number {
  return (level - from) / (to - from);
}

function keyOf([x, y]: Point): string {
  return `${Math.round(x * 4096)} ${Math.round(y * 4096)}`;
}

function toFrame([x, y]: Point, mask: Mask, box: Box): Point {
  const clip = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
  return [
    clip(mask.x + (x + 0.5) * mask.cellWidth, box.x1, box.x2),
    clip(mask.y + (y + 0.5) * mask.cellHeight, box.y1, box.y2),
  ];
}
