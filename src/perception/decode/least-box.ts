/** The left- and rightmost point of a line, whole numbers. */
export interface RowSpan {
  readonly y: number;
  readonly left: number;
  readonly right: number;
}

/** The least rotated box around points; its width is the longer side. */
export interface AroundPoints {
  readonly cx: number;
  readonly cy: number;
  readonly width: number;
  readonly height: number;
  /** Of the direction of the width, which leads to the right, or straight down. */
  readonly cos: number;
  readonly sin: number;
}

/** x, y, x, y, ... of the convex hull of points by lines from the top, in order (Andrew, 1979): whole numbers, so nothing is rounded. */
export function hullOfRows(spans: readonly RowSpan[]): number[] {
  const hull = chain(spans, 1);
  const right = chain(spans, -1);
  for (let i = right.length - 2; i >= 0; i -= 2) hull.push(right[i]!, right[i + 1]!);
  return hull;
}

/** The left side of the hull from the top, or with -1 the right one. */
function chain(spans: readonly RowSpan[], turn: 1 | -1): number[] {
  const points: number[] = [];
  for (const { y, left, right } of spans) {
    const x = turn === 1 ? left : right;
    for (let n = points.length; n >= 4; n = points.length) {
      const [ax, ay, bx, by] = [points[n - 4]!, points[n - 3]!, points[n - 2]!, points[n - 1]!];
      const cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
      if (cross * turn < 0) break;
      points.length = n - 2;
    }
    points.push(x, y);
  }
  return points;
}

/** One of its sides lies on a side of the hull (Freeman and Shapira, 1975). Of equal boxes the first. */
export function boxAround(hull: readonly number[]): AroundPoints {
  const count = hull.length / 2;
  let best: AroundPoints | undefined;
  for (let i = 0; i < count; i++) {
    const j = (i + 1) % count;
    const [dx, dy] = [hull[2 * j]! - hull[2 * i]!, hull[2 * j + 1]! - hull[2 * i + 1]!];
    const length = Math.sqrt(dx * dx + dy * dy);
    if (length === 0) continue;
    const box = alongDirection(hull, dx / length, dy / length);
    if (best === undefined || box.width * box.height < best.width * best.height) best = box;
  }
  return best ?? { cx: hull[0]!, cy: hull[1]!, width: 0, height: 0, cos: 1, sin: 0 };
}

function alongDirection(hull: readonly number[], c: number, s: number): AroundPoints {
  let [minU, maxU] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [minV, maxV] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < hull.length; i += 2) {
    const u = hull[i]! * c + hull[i + 1]! * s;
    const v = hull[i + 1]! * c - hull[i]! * s;
    minU = Math.min(minU, u);
    maxU = Math.max(maxU, u);
    minV = Math.min(minV, v);
    maxV = Math.max(maxV, v);
  }
  const [u, v] = [(minU + maxU) / 2, (minV + maxV) / 2];
  const [along, across] = [maxU - minU, maxV - minV];
  const [x, y] = along >= across ? [c, s] : [-s, c];
  const turned = x < 0 || (x === 0 && y < 0);
  return {
    ...{ cx: u * c - v * s, cy: u * s + v * c },
    ...{ width: Math.max(along, across), height: Math.min(along, across) },
    // No -0, which would be another angle.
    ...{ cos: (turned ? -x : x) + 0, sin: (turned ? -y : y) + 0 },
  };
}
