import type {
  CameraRules,
  LineSettings,
  Point,
  ZoneSettings,
} from '../../../../src/perception/rules/index.ts';

/*
 * The rules once more, by looking at the whole story of a track again for each question, and with other geometry: the way
 * around a polygon in angles, the crossing of two segments by solving for it.
 */

export interface Sighting {
  readonly s: number;
  /** Of the anchor, heights of the picture. */
  readonly x: number;
  readonly y: number;
  /** Of the box. */
  readonly height: number;
}

/** All that was seen of one id between two gaps. */
export interface Story {
  readonly id: number;
  readonly label: string;
  readonly sightings: readonly Sighting[];
  /** So long nobody saw it after its last sighting, while frames came. */
  readonly ended: boolean;
}

export interface ExpectedVisit {
  readonly id: number;
  readonly from: number;
  /** Absent: it is inside at the end. */
  readonly to?: number;
}

const leastSightings = 3;

export function expectedVisits(
  { points, classes = [], hysteresis = 0.05, settleSeconds = 0.5 }: ZoneSettings,
  aspect: number,
  stories: readonly Story[],
): ExpectedVisit[] {
  const corners = points.map(([x, y]) => [x * aspect, y] as const);
  return stories.flatMap(({ id, label, sightings, ended }) => {
    if (classes.length > 0 && !classes.includes(label)) return [];
    const sides = sightings.map(({ x, y }) => windsAround(corners, x, y));
    const runStart = (k: number): number => (k > 0 && sides[k - 1] === sides[k] ? runStart(k - 1) : k);
    const isSure = (k: number) => {
      const start = runStart(k);
      const { x, y, height, s } = sightings[k]!;
      const far = distance(points, corners, x, y) >= hysteresis * height;
      return far || (k - start + 1 >= leastSightings && s - sightings[start]!.s >= settleSeconds - 1e-9);
    };
    /** Where it is for sure, by the last sighting that says so. */
    const sure = sightings.map((_, k) => {
      for (let j = k; j >= 0; j -= 1)
        if (isSure(j)) return { side: sides[j]!, since: sightings[runStart(j)]!.s };
      return { side: false, since: 0 };
    });
    const visits: ExpectedVisit[] = [];
    for (const [k, { side, since }] of sure.entries()) {
      const before = k > 0 && sure[k - 1]!.side;
      if (side && !before) visits.push({ id, from: since });
      if (!side && before) visits.push({ ...visits.pop()!, to: since });
    }
    const last = visits.at(-1);
    if (ended && last !== undefined && last.to === undefined) {
      const end = sightings.length - 1;
      // On its way out when it was lost.
      visits.push({ ...visits.pop()!, to: sightings[sides[end] ? end : runStart(end)]!.s });
    }
    return visits;
  });
}

export interface ExpectedCrossing {
  readonly id: number;
  readonly direction: 'in' | 'out';
  readonly s: number;
}

export function expectedCrossings(
  { points, classes = [], hysteresis = 0.05, settleSeconds = 0.5, direction = 'both' }: LineSettings,
  aspect: number,
  stories: readonly Story[],
): ExpectedCrossing[] {
  const [from, to] = points.map(([x, y]) => ({ x: x * aspect, y })) as [Place, Place];
  return stories.flatMap(({ id, label, sightings }) => {
    if (classes.length > 0 && !classes.includes(label)) return [];
    const steps = sightings.flatMap((now, k) => {
      const found = k === 0 ? undefined : crossed(from, to, sightings[k - 1]!, now);
      return found === undefined ? [] : [{ k, direction: found }];
    });
    const isSure = (k: number, until: number) =>
      sightings.slice(k, until).some(({ x, y, height, s }, later) => {
        const far = toSegment(from.x, from.y, to.x, to.y, x, y) >= hysteresis * height;
        return far || (later + 1 >= leastSightings && s - sightings[k]!.s >= settleSeconds - 1e-9);
      });
    const counted: ExpectedCrossing[] = [];
    for (let i = 0; i < steps.length; i += 1) {
      const { k, direction: way } = steps[i]!;
      const next = steps[i + 1];
      if (!isSure(k, next?.k ?? sightings.length)) {
        if (next === undefined) break;
        if (next.direction !== way) {
          i += 1;
          continue;
        }
      }
      counted.push({ id, direction: way, s: sightings[k]!.s });
    }
    return counted.filter((one) => direction === 'both' || one.direction === direction);
  });
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function windsAround(corners: readonly Point[], x: number, y: number): boolean {
  let sum = 0;
  for (const [index, [ax, ay]] of corners.entries()) {
    const [bx, by] = corners[(index + 1) % corners.length]!;
    let angle = Math.atan2(by - y, bx - x) - Math.atan2(ay - y, ax - x);
    if (angle > Math.PI) angle -= 2 * Math.PI;
    if (angle < -Math.PI) angle += 2 * Math.PI;
    sum += angle;
  }
  return Math.abs(sum) > Math.PI;
}

/** To the border, but for edges on the border of the picture. */
function distance(points: readonly Point[], corners: readonly Point[], x: number, y: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const [index, [ax, ay]] of corners.entries()) {
    const next = (index + 1) % corners.length;
    const [bx, by] = corners[next]!;
    const [p, q] = [points[index]!, points[next]!];
    const outermost = [0, 1].some((axis) => p[axis] === q[axis] && (p[axis] === 0 || p[axis] === 1));
    if (!outermost) least = Math.min(least, toSegment(ax, ay, bx, by, x, y));
  }
  return least;
}

/** By the triangle of the three points. */
function toSegment(ax: number, ay: number, bx: number, by: number, x: number, y: number): number {
  const a = Math.hypot(x - ax, y - ay);
  const b = Math.hypot(x - bx, y - by);
  const c = Math.hypot(bx - ax, by - ay);
  if (a * a > b * b + c * c) return b;
  if (b * b > a * a + c * c) return a;
  return Math.abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / c;
}

/** from + u (to - from) = before + v (now - before). */
function crossed(from: Place, to: Place, before: Place, now: Place): 'in' | 'out' | undefined {
  const [dx, dy, ex, ey] = [to.x - from.x, to.y - from.y, now.x - before.x, now.y - before.y];
  const determinant = dx * ey - dy * ex;
  if (determinant === 0) return undefined;
  const u = ((before.x - from.x) * ey - (before.y - from.y) * ex) / determinant;
  const v = ((before.x - from.x) * dy - (before.y - from.y) * dx) / determinant;
  if (u < 0 || u >= 1 || v < 0 || v > 1) return undefined;
  return determinant > 0 ? 'in' : 'out';
}

export type Rules = Required<CameraRules>;
