/** x, y, x, y, ... of a convex polygon. */
export type Polygon = readonly number[];

/** Intersection over union of two convex polygons, 0..1, as DOTA's evaluation takes it; 0 where one has no area. */
export function polygonIou(a: Polygon, b: Polygon): number {
  const [own, other] = [Math.abs(areaOf(a)), Math.abs(areaOf(b))];
  const both = Math.abs(areaOf(clipped(a, areaOf(b) < 0 ? reversed(b) : b)));
  const union = own + other - both;
  return union > 0 ? both / union : 0;
}

/** Twice over the corners: positive where they go clockwise, as y points down. */
function areaOf(polygon: Polygon): number {
  let sum = 0;
  for (let i = 0; i < polygon.length; i += 2) {
    const next = (i + 2) % polygon.length;
    sum += polygon[i]! * polygon[next + 1]! - polygon[next]! * polygon[i + 1]!;
  }
  return sum / 2;
}

function reversed(polygon: Polygon): Polygon {
  const corners: number[] = [];
  for (let i = polygon.length - 2; i >= 0; i -= 2) corners.push(polygon[i]!, polygon[i + 1]!);
  return corners;
}

/** The part of `polygon` inside of `by`, whose corners go clockwise (Sutherland and Hodgman, 1974). */
function clipped(polygon: Polygon, by: Polygon): Polygon {
  let left: Polygon = polygon;
  for (let i = 0; i < by.length; i += 2) {
    const [x, y] = [by[i]!, by[i + 1]!];
    const [dx, dy] = [by[(i + 2) % by.length]! - x, by[(i + 3) % by.length]! - y];
    left = halfOf(left, (px, py) => dx * (py - y) - dy * (px - x));
  }
  return left;
}

/** The part on one side of a line; `side` is 0 on it. */
function halfOf(polygon: Polygon, side: (x: number, y: number) => number): Polygon {
  const kept: number[] = [];
  for (let i = 0; i < polygon.length; i += 2) {
    const [x, y] = [polygon[i]!, polygon[i + 1]!];
    const [nx, ny] = [polygon[(i + 2) % polygon.length]!, polygon[(i + 3) % polygon.length]!];
    const [here, there] = [side(x, y), side(nx, ny)];
    if (here >= 0) kept.push(x, y);
    if (here * there < 0) {
      const part = here / (here - there);
      kept.push(x + part * (nx - x), y + part * (ny - y));
    }
  }
  return kept;
}
