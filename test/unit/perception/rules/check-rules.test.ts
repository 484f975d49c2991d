import { describe, expect, it } from 'vitest';
import {
  type CameraRules,
  checkRules,
  type Point,
  rulesProblem,
} from '../../../../src/perception/rules/index.ts';

const square: Point[] = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.9, 0.9],
  [0.1, 0.9],
];
const zone = (points: readonly Point[], more: object = {}): CameraRules => ({
  zones: { gate: { points, ...more } },
});
const line = (points: readonly Point[]): CameraRules => ({ lines: { door: { points } } });

describe('Zones and lines that are none', () => {
  it.each<[string, CameraRules, RegExp]>([
    ['too few corners', zone(square.slice(0, 2)), /^The zone "gate" has 2 points; a polygon has 3 to 64\.$/],
    [
      'a corner outside of the picture',
      zone([
        [0.1, 0.1],
        [40, 0.1],
        [0.9, 0.9],
      ]),
      /^Point 2 of the zone "gate" is 40, 0\.1, outside of the picture\.$/,
    ],
    [
      'edges that cross',
      zone([
        [0.1, 0.1],
        [0.9, 0.9],
        [0.9, 0.1],
        [0.1, 0.9],
      ]),
      /crosses itself: the edge from point 1 meets the edge from point 3/,
    ],
    [
      'a corner on another edge',
      zone([
        [0, 0],
        [1, 0],
        [1, 1],
        [0.5, 0],
        [0, 1],
      ]),
      /crosses itself/,
    ],
    ['a corner twice', zone([...square, [0.1, 0.9]]), /crosses itself/],
    [
      'an edge that folds back',
      zone([
        [0, 0],
        [0.5, 0],
        [0.2, 0],
        [0.2, 0.5],
      ]),
      /crosses itself/,
    ],
    [
      'no area',
      zone([
        [0, 0],
        [0.5, 0],
        [1, 0],
      ]),
      /crosses itself|has no area/,
    ],
    ['a line of three points', line(square.slice(0, 3)), /^The line "door" has 3 points; a line has 2\.$/],
    [
      'a line without length',
      line([
        [0.5, 0.5],
        [0.5, 0.5],
      ]),
      /^The two ends of the line "door" are one point\.$/,
    ],
    [
      'a name that can be no label',
      { zones: { 'My gate': { points: square } } },
      /^A zone can't be named "My gate"\.$/,
    ],
    ['a number out of range', zone(square, { minimumCount: 0 }), /^minimumCount of the zone "gate" is 0\.$/],
    ['an anchor that is none', zone(square, { anchor: 'left' }), /has the anchor "left"/],
    [
      'too many zones',
      { zones: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`z${i}`, { points: square }])) },
      /^A camera has at most 32 zones; these are 33\.$/,
    ],
  ])('are refused for %s', (_, rules, message) => {
    expect(() => checkRules(rules)).toThrow(message);
  });

  it.each<[string, readonly Point[]]>([
    ['a square', square],
    [
      'an L',
      [
        [0, 0],
        [1, 0],
        [1, 0.5],
        [0.5, 0.5],
        [0.5, 1],
        [0, 1],
      ],
    ],
    [
      'one with a corner on a straight edge',
      [
        [0, 0],
        [0.5, 0],
        [1, 0],
        [1, 1],
      ],
    ],
    [
      'the whole picture',
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
    ],
  ])('leave %s alone', (_, points) => {
    expect(() => checkRules(zone(points))).not.toThrow();
    expect(() => checkRules(zone(points.toReversed()))).not.toThrow();
  });
});

describe('What rules count of a model', () => {
  const street = { model: 'street', labels: ['car', 'person'] };

  it('is what it knows, of tracks', () => {
    expect(rulesProblem(zone(square, { classes: ['car'] }), street, true)).toBeUndefined();
    expect(rulesProblem(zone(square, { classes: ['cat', 'car'] }), street, true)?.explain()).toBe(
      'The zone "gate" counts "cat", which street does not know. Its classes are car, person.',
    );
    expect(rulesProblem(zone(square), street, false)?.code).toBe('rules-untracked');
    expect(rulesProblem(zone(square), { ...street, task: 'classification' }, true)?.message).toMatch(
      /is a classifier/,
    );
  });

  it('is nothing wrong where there are no rules, or no model yet', () => {
    expect(rulesProblem({}, street, false)).toBeUndefined();
    expect(
      rulesProblem(zone(square, { classes: ['cat'] }), { model: 'none', labels: [] }, true),
    ).toBeUndefined();
  });
});
