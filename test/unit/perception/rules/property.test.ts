import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkRules,
  RuleCounter,
  type RuleEvent,
  type RulesFrame,
} from '../../../../src/perception/rules/index.ts';
import { expectedCrossings, expectedVisits, type Rules, type Story } from './oracle.ts';

const [width, height] = [640, 360];
const aspect = width / height;
const lostMs = 1000;

interface Seen {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly size: number;
}
interface Picture {
  readonly ms: number;
  readonly seen: readonly Seen[];
}

// Off any grid that corners lie on: a point on a border is on a side that rounding chooses.
const place = fc.integer({ min: 1, max: 998 }).map((value) => value / 1000 + 0.0003137);
const corner = fc.integer({ min: 0, max: 20 }).map((value) => value / 20);

const polygon = fc
  .array(fc.tuple(corner, corner), { minLength: 3, maxLength: 8 })
  .filter((points) => isGood({ zones: { z: { points } } }));
const ends = fc
  .array(fc.tuple(corner, corner), { minLength: 2, maxLength: 2 })
  .filter((points) => isGood({ lines: { l: { points } } }));
const common = fc.record(
  {
    classes: fc.constantFrom(['car'], ['person'], ['car', 'person'], []),
    hysteresis: fc.constantFrom(0, 0.05, 0.5),
    settleSeconds: fc.constantFrom(0, 0.2, 0.5, 2),
  },
  { requiredKeys: [] },
);
const rules: fc.Arbitrary<Rules> = fc.record({
  zones: fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.tuple(polygon, common).map(([points, more]) => ({ points, ...more })),
  ),
  lines: fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc
      .tuple(ends, common, fc.constantFrom('in', 'out', 'both'))
      .map(([points, more, direction]) => ({ points, direction, ...more })),
  ),
});

/** Walks of some objects; each picture misses some of them, some pictures are lost, late or given twice. */
const pictures = fc
  .array(
    fc.record({
      step: fc.oneof(
        { weight: 20, arbitrary: fc.integer({ min: 20, max: 120 }) },
        { weight: 2, arbitrary: fc.integer({ min: 200, max: 1500 }) },
        { weight: 1, arbitrary: fc.constantFrom(0, -40) },
      ),
      seen: fc.array(
        fc.record({
          id: fc.integer({ min: 1, max: 4 }),
          x: place,
          y: place,
          near: fc.boolean(),
          size: fc.integer({ min: 5, max: 120 }),
        }),
        { maxLength: 4 },
      ),
    }),
    { maxLength: 60 },
  )
  .map((steps): Picture[] => {
    const last = new Map<number, Seen>();
    let ms = 0;
    return steps.map(({ step, seen }) => {
      ms += step;
      const unique = new Map(seen.map((one) => [one.id, one] as const));
      const shown = [...unique.values()].map(({ id, x, y, size, near }) => {
        const before = last.get(id);
        // Mostly small steps, so that borders are flickered over.
        const at = near && before !== undefined ? { x: mid(before.x, x), y: mid(before.y, y) } : { x, y };
        const now = { id, ...at, size };
        last.set(id, now);
        return now;
      });
      return { ms, seen: shown };
    });
  });

const mid = (a: number, b: number) => a + (b - a) * 0.03;
const labelOf = (id: number) => (id % 2 === 0 ? 'car' : 'person');

function frameOf({ ms, seen }: Picture): RulesFrame {
  return {
    ...{ width, height, stampNs: 1_700_000_000_000_000_000n + BigInt(ms) * 1_000_000n },
    detections: seen.map(({ id, x, y, size }) => ({
      ...{ classId: 0, label: labelOf(id), score: 0.9, trackId: id },
      box: { x1: x * width - 10, x2: x * width + 10, y1: y * height - size, y2: y * height },
    })),
  };
}

/** Pictures that are younger than all before them. */
function inTime(all: readonly Picture[]): Picture[] {
  let last = Number.NEGATIVE_INFINITY;
  return all.filter(({ ms }) => {
    if (ms <= last) return false;
    last = ms;
    return true;
  });
}

function storiesOf(all: readonly Picture[]): Story[] {
  const endMs = all.at(-1)?.ms ?? 0;
  return [1, 2, 3, 4].flatMap((id) => {
    const sightings = all.flatMap(({ ms, seen }) =>
      seen.filter((one) => one.id === id).map((one) => ({ ms, one })),
    );
    const parts: (typeof sightings)[] = [];
    for (const sighting of sightings) {
      const part = parts.at(-1);
      const before = part?.at(-1);
      if (part !== undefined && before !== undefined && sighting.ms - before.ms <= lostMs)
        part.push(sighting);
      else parts.push([sighting]);
    }
    return parts.map((part) => ({
      ...{ id, label: labelOf(id) },
      sightings: part.map(({ ms, one }) => ({
        s: ms / 1000,
        x: (Math.min(width - 0.5, Math.max(0.5, one.x * width)) / width) * aspect,
        y: Math.min(height - 0.5, Math.max(0.5, one.y * height)) / height,
        height: one.size / height,
      })),
      ended: endMs - part.at(-1)!.ms > lostMs,
    }));
  });
}

function isGood(one: Parameters<typeof checkRules>[0]): boolean {
  try {
    checkRules(one);
    return true;
  } catch {
    return false;
  }
}

function play(counter: RuleCounter, all: readonly Picture[]) {
  const results = all.map((picture) => counter.update(frameOf(picture)));
  return { events: results.flatMap(({ events }) => events), last: results.at(-1) };
}

const seconds = (stampNs: bigint) => Number(stampNs - 1_700_000_000_000_000_000n) / 1e9;
const byTime = <T extends { readonly id: number }>(list: T[]) =>
  list.map((one) => JSON.stringify(one)).sort();

describe('rules beside their oracle', () => {
  it('counts the visits of zones, and their times, at frame drops, late frames and lost tracks', () => {
    fc.assert(
      fc.property(rules, pictures, (given, all) => {
        const { events, last } = play(new RuleCounter(given, lostMs), all);
        const stories = storiesOf(inTime(all));
        for (const [name, zone] of Object.entries(given.zones)) {
          const expected = expectedVisits(zone, aspect, stories);
          const of = events.filter((event) => 'zone' in event && event.zone === name);
          expect(byTime(visitsOf(of))).toEqual(byTime(rounded(expected)));
          const counts = last?.zones.find((one) => one.name === name);
          expect(counts?.entered ?? 0).toBe(expected.length);
          expect(counts?.inside ?? 0).toBe(expected.filter(({ to }) => to === undefined).length);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('counts the crossings of lines by direction, and their times', () => {
    fc.assert(
      fc.property(rules, pictures, (given, all) => {
        const { events, last } = play(new RuleCounter(given, lostMs), all);
        const stories = storiesOf(inTime(all));
        for (const [name, line] of Object.entries(given.lines)) {
          const expected = expectedCrossings(line, aspect, stories);
          const found = events.flatMap((event) =>
            event.kind === 'crossed' && event.line === name
              ? [{ id: event.trackId, direction: event.direction, s: seconds(event.stampNs) }]
              : [],
          );
          expect(byTime(found)).toEqual(byTime(expected));
          const counts = last?.lines.find((one) => one.name === name);
          for (const way of ['in', 'out'] as const)
            expect(counts?.[way] ?? 0).toBe(expected.filter(({ direction }) => direction === way).length);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('says the same with late and repeated frames as without them', () => {
    fc.assert(
      fc.property(rules, pictures, (given, all) => {
        const kept = inTime(all);
        const counter = new RuleCounter(given, lostMs);
        expect(play(counter, all).events).toEqual(play(new RuleCounter(given, lostMs), kept).events);
        expect(counter.late).toBe(all.length - kept.length);
      }),
      { numRuns: 200 },
    );
  });

  it('says the same of a picture of twice the size', () => {
    fc.assert(
      fc.property(rules, pictures, (given, all) => {
        const small = new RuleCounter(given, lostMs);
        const large = new RuleCounter(given, lostMs);
        for (const picture of inTime(all)) {
          const frame = frameOf(picture);
          const twice = {
            ...{ stampNs: frame.stampNs, width: 2 * width, height: 2 * height },
            detections: frame.detections.map(({ box: { x1, y1, x2, y2 }, ...one }) => ({
              ...one,
              box: { x1: 2 * x1, y1: 2 * y1, x2: 2 * x2, y2: 2 * y2 },
            })),
          };
          expect(large.update(twice).zones).toEqual(small.update(frame).zones);
        }
      }),
      { numRuns: 100 },
    );
  });
});

function visitsOf(events: readonly RuleEvent[]) {
  const visits: { id: number; from: number; to?: number }[] = [];
  for (const event of events) {
    if (event.kind === 'entered') visits.push({ id: event.trackId, from: seconds(event.stampNs) });
    if (event.kind !== 'left') continue;
    const open = visits.find(({ id, to }) => id === event.trackId && to === undefined)!;
    open.to = seconds(event.stampNs);
    expect(event.dwellSeconds).toBeCloseTo(open.to - open.from, 6);
  }
  return rounded(visits);
}

function rounded(visits: readonly { readonly id: number; readonly from: number; readonly to?: number }[]) {
  return visits.map(({ id, from, to }) => ({ id, from, ...(to === undefined ? {} : { to }) }));
}
