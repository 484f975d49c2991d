import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/drift/random.ts';
import type { BoxMeasures } from '../../../../src/drift/signals/box-measures.ts';
import { ClassFlips } from '../../../../src/drift/signals/class-flips.ts';
import { addShape, misfit, shapeNumbers, shapesOf } from '../../../../src/drift/signals/class-shapes.ts';

/** Cars low and wide, people higher and narrow; too few buses to know them. */
const places: Readonly<Record<string, BoxMeasures>> = {
  car: { x: 0.5, y: 0.7, logArea: -3, logAspect: 0.7 },
  person: { x: 0.5, y: 0.5, logArea: -4, logAspect: -0.9 },
  bus: { x: 0.5, y: 0.7, logArea: -1, logAspect: 0.9 },
};
const boxes: Readonly<Record<string, number>> = { car: 900, person: 300, bus: 20 };

const random = seededRandom(3);
const near = ({ x, y, logArea, logAspect }: BoxMeasures): BoxMeasures => ({
  x: x + 0.2 * random.normal(),
  y: y + 0.05 * random.normal(),
  logArea: logArea + 0.4 * random.normal(),
  logAspect: logAspect + 0.15 * random.normal(),
});
const shapes = shapesOf(
  Object.entries(places).map(([label, place]) => {
    const sums = new Array<number>(shapeNumbers).fill(0);
    for (let i = 0; i < boxes[label]!; i++) addShape(sums, near(place));
    return [label, sums] as const;
  }),
);
const mean = (label: string, place: BoxMeasures) =>
  Array.from({ length: 400 }, () => misfit(label, near(place), shapes)).reduce((a, b) => a + b, 0) / 400;

describe('The shape of a class', () => {
  it('is known from a hundred boxes on, with its share of them', () => {
    expect(Object.keys(shapes)).toEqual(['car', 'person']);
    expect(shapes.car![0]).toBe(0.75);
    expect(shapes.person![2]).toBeCloseTo(0.5, 1);
  });

  it.each([
    ['a car', 'car', 'car', 0, 0.05],
    ['a person', 'person', 'person', 0, 0.05],
    ['a car that is called person', 'car', 'person', 0.95, 1],
    ['a person that is called car', 'person', 'car', 0.95, 1],
    ['a car that is called by a name that was never used', 'car', 'zebra', 0.9, 1],
    ['a bus, of which too few were seen: it looks like itself', 'bus', 'bus', 0, 0.1],
  ])('%s', (_, what, label, least, most) => {
    const found = mean(label, places[what]!);
    expect(found).toBeGreaterThanOrEqual(least);
    expect(found).toBeLessThanOrEqual(most);
  });

  it('says nothing of a box whose measures no class can be asked about', () => {
    expect(misfit('car', { ...places.car!, logArea: Number.POSITIVE_INFINITY }, shapes)).toBeNaN();
  });
});

describe('Classes that flip', () => {
  const box = (x: number) => ({ x1: x, y1: 0, x2: x + 10, y2: 10 });
  const at = (label: string, x: number) => ({ classId: 0, score: 0.9, label, box: box(x) });
  const rows: readonly [string, ReturnType<typeof at>[][], number][] = [
    ['none came back', [[at('car', 0)], []], Number.NaN],
    ['the same again', [[at('car', 0)], [at('car', 1)]], 0],
    ['called something else', [[at('car', 0)], [at('person', 1)]], 1],
    ['called something else, elsewhere', [[at('car', 0)], [at('person', 40)]], Number.NaN],
    [
      'a person before a car',
      [
        [at('car', 0), at('person', 2)],
        [at('car', 1), at('person', 2)],
      ],
      0,
    ],
    [
      'one of two',
      [
        [at('car', 0), at('car', 50)],
        [at('bus', 0), at('car', 50)],
      ],
      0.5,
    ],
    ['there and back', [[at('car', 0)], [at('bus', 0)], [at('car', 0)]], 1],
  ];
  it.each(rows)('%s', (_, frames, share) => {
    const flips = new ClassFlips();
    for (const frame of frames) {
      for (const detection of frame) flips.see(detection);
      flips.endFrame();
    }
    expect(flips.tick()).toBe(share);
  });

  it('looks at 64 boxes of a frame', () => {
    const flips = new ClassFlips();
    for (const label of ['car', 'bus']) {
      for (let i = 0; i < 1000; i++) flips.see(at(label, 20 * i));
      flips.endFrame();
    }
    expect(flips.tick()).toBe(1);
  });
});
