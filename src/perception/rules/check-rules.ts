import { InputError } from '../../base/index.ts';
import { namePattern } from '../graph/names.ts';
import {
  anchors,
  type CameraRules,
  type LineSettings,
  maxRules,
  type Point,
  type ZoneSettings,
} from './rule-settings.ts';

const mostPoints = 64;

/** Throws an InputError that says what is wrong with a zone or a line, and what to do. */
export function checkRules({ zones = {}, lines = {} }: CameraRules): void {
  checkNames('zone', Object.keys(zones));
  checkNames('line', Object.keys(lines));
  for (const [name, zone] of Object.entries(zones)) checkZone(`The zone "${name}"`, zone);
  for (const [name, line] of Object.entries(lines)) checkLine(`The line "${name}"`, line);
}

function checkNames(what: 'zone' | 'line', names: readonly string[]): void {
  if (names.length > maxRules)
    throw new InputError(
      'rules-many',
      `A camera has at most ${maxRules} ${what}s; these are ${names.length}.`,
      'Leave some out.',
    );
  const odd = names.find((name) => !namePattern.test(name));
  if (odd !== undefined)
    throw new InputError(
      'rule-name',
      `A ${what} can't be named "${odd}".`,
      'Begin with a small letter; use small letters, digits and hyphens, 32 of them at most.',
    );
}

function checkZone(zone: string, { points, ...settings }: ZoneSettings): void {
  if (points.length < 3 || points.length > mostPoints)
    throw new InputError(
      'zone-points',
      `${zone} has ${points.length} ${points.length === 1 ? 'point' : 'points'}; a polygon has 3 to ${mostPoints}.`,
      'Name its corners in their order, for example [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9]].',
    );
  checkPoints(zone, points);
  const crossing = selfCrossing(points);
  if (crossing !== undefined)
    throw new InputError(
      'zone-crossed',
      `${zone} crosses itself: the edge from point ${crossing[0] + 1} meets the edge from point ${crossing[1] + 1}.`,
      'List its corners in order, clockwise or counter-clockwise.',
    );
  if (Math.abs(doubleArea(points)) < 1e-6)
    throw new InputError('zone-points', `${zone} has no area.`, 'Move its corners apart.');
  checkCommon(zone, settings);
  checkRange(zone, 'dwellSeconds', settings.dwellSeconds, 0, 1e6);
  checkRange(zone, 'absenceSeconds', settings.absenceSeconds, 0, 1e6);
  checkRange(zone, 'minimumCount', settings.minimumCount, 1, 1000);
  checkRange(zone, 'speedLimit', settings.speedLimit, 0, 1000);
}

function checkLine(line: string, { points, ...settings }: LineSettings): void {
  const [from, to] = points;
  if (points.length !== 2 || from === undefined || to === undefined)
    throw new InputError(
      'line-points',
      `${line} has ${points.length} ${points.length === 1 ? 'point' : 'points'}; a line has 2.`,
      'Name its two ends, for example [[0.1, 0.5], [0.9, 0.5]].',
    );
  checkPoints(line, points);
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 1e-3)
    throw new InputError('line-points', `The two ends of ${lower(line)} are one point.`, 'Move them apart.');
  checkCommon(line, settings);
}

type Common = Pick<ZoneSettings, 'anchor' | 'hysteresis' | 'settleSeconds' | 'eventsPerMinute'>;

function checkCommon(rule: string, { anchor, hysteresis, settleSeconds, eventsPerMinute }: Common): void {
  if (anchor !== undefined && !anchors.includes(anchor))
    throw new InputError(
      'rule-anchor',
      `${rule} has the anchor "${anchor}".`,
      `Anchors are ${anchors.join(', ')}.`,
    );
  checkRange(rule, 'hysteresis', hysteresis, 0, 10);
  checkRange(rule, 'settleSeconds', settleSeconds, 0, 60);
  checkRange(rule, 'eventsPerMinute', eventsPerMinute, 0, 6000);
}

function checkRange(
  rule: string,
  name: string,
  value: number | undefined,
  least: number,
  most: number,
): void {
  if (value === undefined || (value >= least && value <= most)) return;
  throw new InputError(
    'rule-range',
    `${name} of ${lower(rule)} is ${value}.`,
    `Give a number from ${least} to ${most}.`,
  );
}

function checkPoints(rule: string, points: readonly Point[]): void {
  const at = points.findIndex((point) => !point.every((value) => value >= 0 && value <= 1));
  if (at >= 0)
    throw new InputError(
      'rule-range',
      `Point ${at + 1} of ${lower(rule)} is ${points[at]!.join(', ')}, outside of the picture.`,
      'Points are parts of the picture from its left and its top, 0 to 1: divide pixels by its width and height.',
    );
}

/** Two edges that meet elsewhere than at the corner that they share. */
function selfCrossing(points: readonly Point[]): readonly [number, number] | undefined {
  const count = points.length;
  for (let i = 0; i < count; i += 1)
    for (let j = i + 1; j < count; j += 1) {
      const [a, b, c, d] = [points[i]!, points[(i + 1) % count]!, points[j]!, points[(j + 1) % count]!];
      const neighbours = j === i + 1 || (i === 0 && j === count - 1);
      if (neighbours ? foldsBack(j === i + 1 ? [a, b, d] : [c, d, b]) : meet(a, b, c, d)) return [i, j];
    }
  return undefined;
}

/** The next edge runs back over the one before it, or a corner is named twice. */
function foldsBack([a, b, c]: readonly [Point, Point, Point]): boolean {
  const ahead = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]);
  const same = (p: Point, q: Point) => p[0] === q[0] && p[1] === q[1];
  return same(a, b) || same(b, c) || (turn(a, b, c) === 0 && ahead < 0);
}

function meet(a: Point, b: Point, c: Point, d: Point): boolean {
  const [c1, d1, a1, b1] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (c1 !== d1 && a1 !== b1 && c1 * d1 <= 0 && a1 * b1 <= 0) return true;
  return [
    [a, b, c, c1],
    [a, b, d, d1],
    [c, d, a, a1],
    [c, d, b, b1],
  ].some(([p, q, r, side]) => side === 0 && within(p as Point, q as Point, r as Point));
}

function turn(a: Point, b: Point, c: Point): number {
  return Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
}

function within(a: Point, b: Point, c: Point): boolean {
  const between = (axis: 0 | 1) =>
    Math.min(a[axis], b[axis]) <= c[axis] && c[axis] <= Math.max(a[axis], b[axis]);
  return between(0) && between(1);
}

function doubleArea(points: readonly Point[]): number {
  return points.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = points[(index + 1) % points.length]!;
    return sum + x * nextY - nextX * y;
  }, 0);
}

const lower = (rule: string) => rule.charAt(0).toLowerCase() + rule.slice(1);
