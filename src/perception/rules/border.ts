import type { Point } from './rule-settings.ts';

/*
 * Coordinates are heights of the picture: y as it is, x times width over height, so that distances are those that one sees.
 */

/** A polygon and where its border is. */
export class Polygon {
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  /** To the side per way down of the edge that ends in a corner. */
  readonly #slope: Float64Array;
  /** Edges on the border of the picture: nothing comes in or goes out over them. */
  readonly #outermost: Uint8Array;
  readonly #left: number;
  readonly #right: number;
  readonly #top: number;
  readonly #bottom: number;

  constructor(points: readonly Point[], aspect: number) {
    const x = Float64Array.from(points, (point) => point[0] * aspect);
    const y = Float64Array.from(points, (point) => point[1]);
    const count = points.length;
    this.#x = x;
    this.#y = y;
    this.#slope = x.map((x1, i) => {
      const before = (i + count - 1) % count;
      return (x[before]! - x1) / (y[before]! - y[i]!);
    });
    this.#outermost = Uint8Array.from(points, (point, i) => {
      const next = points[(i + 1) % count]!;
      const along = (axis: 0 | 1) => point[axis] === next[axis] && (point[axis] === 0 || point[axis] === 1);
      return along(0) || along(1) ? 1 : 0;
    });
    [this.#left, this.#right] = [Math.min(...x), Math.max(...x)];
    [this.#top, this.#bottom] = [Math.min(...y), Math.max(...y)];
  }

  /** By the number of edges to one side: a point on an edge is inside of exactly one of two polygons that share it. */
  contains(x: number, y: number): boolean {
    if (x < this.#left || x > this.#right || y < this.#top || y > this.#bottom) return false;
    const corners = this.#y;
    const count = corners.length;
    let inside = false;
    let above = corners[count - 1]! > y;
    for (let i = 0; i < count; i++) {
      const now = corners[i]! > y;
      if (now !== above && x < this.#slope[i]! * (y - corners[i]!) + this.#x[i]!) inside = !inside;
      above = now;
    }
    return inside;
  }

  /** Infinite where the polygon is the whole picture. */
  distance(x: number, y: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#x.length; i++) {
      if (this.#outermost[i] === 1) continue;
      const next = (i + 1) % this.#x.length;
      least = Math.min(least, toSegment(x, y, this.#x[i]!, this.#y[i]!, this.#x[next]!, this.#y[next]!));
    }
    return least;
  }
}

export class Segment {
  readonly #fromX: number;
  readonly #fromY: number;
  readonly #alongX: number;
  readonly #alongY: number;
  readonly #left: number;
  readonly #right: number;
  readonly #top: number;
  readonly #bottom: number;

  constructor([from, to]: readonly [Point, Point], aspect: number) {
    this.#fromX = from[0] * aspect;
    this.#fromY = from[1];
    this.#alongX = to[0] * aspect - this.#fromX;
    this.#alongY = to[1] - this.#fromY;
    this.#left = Math.min(from[0], to[0]) * aspect;
    this.#right = Math.max(from[0], to[0]) * aspect;
    this.#top = Math.min(from[1], to[1]);
    this.#bottom = Math.max(from[1], to[1]);
  }

  /** Where the way from one point to another crosses it; its first end belongs to it, its second does not. */
  crossing(x1: number, y1: number, x2: number, y2: number): 'in' | 'out' | undefined {
    // Steps are short: nearly none comes near.
    if ((x1 < this.#left && x2 < this.#left) || (x1 > this.#right && x2 > this.#right)) return undefined;
    if ((y1 < this.#top && y2 < this.#top) || (y1 > this.#bottom && y2 > this.#bottom)) return undefined;
    const before = this.#side(x1, y1);
    const after = this.#side(x2, y2);
    // A point on the line is to its right.
    if (before >= 0 === after >= 0) return undefined;
    const share = before / (before - after);
    const x = x1 + share * (x2 - x1) - this.#fromX;
    const y = y1 + share * (y2 - y1) - this.#fromY;
    const at = x * this.#alongX + y * this.#alongY;
    if (at < 0 || at >= this.#alongX ** 2 + this.#alongY ** 2) return undefined;
    return after >= 0 ? 'in' : 'out';
  }

  distance(x: number, y: number): number {
    return toSegment(x, y, this.#fromX, this.#fromY, this.#fromX + this.#alongX, this.#fromY + this.#alongY);
  }

  /** Above zero to the right hand, as y goes down. */
  #side(x: number, y: number): number {
    return this.#alongX * (y - this.#fromY) - this.#alongY * (x - this.#fromX);
  }
}

function toSegment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}
