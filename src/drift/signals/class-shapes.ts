import { rounded } from '../rounded.ts';
import type { BoxMeasures } from './box-measures.ts';

/**
 * Where the boxes of one class usually are and what they look like: their share of all boxes, then means and deviations of
 * centre x, centre y, ln area and ln aspect.
 */
type ClassShape = number[];
export type ClassShapes = Record<string, ClassShape>;
export const shapeNumbers = 9;

/** Boxes of a class from which it is known what they look like. */
const leastBoxes = 100;
/** Smallest deviations that are believed: what stands is always in one place. */
const floors = [0.02, 0.02, 0.15, 0.08] as const;
/** Degrees of the t distribution: an odd box is odd for every class, and says little. */
const degrees = 4;

const measured = ({ x, y, logArea, logAspect }: BoxMeasures) => [x, y, logArea, logAspect] as const;

/** Sums over the boxes of one class: their number, four sums, four sums of squares. */
export function addShape(sums: number[], measures: BoxMeasures): void {
  sums[0]!++;
  for (const [i, value] of measured(measures).entries()) {
    sums[1 + i]! += value;
    sums[5 + i]! += value * value;
  }
}

export function shapesOf(classes: Iterable<readonly [label: string, sums: readonly number[]]>): ClassShapes {
  const known = [...classes].filter(([, [count]]) => count! >= leastBoxes);
  const all = known.reduce((sum, [, [count]]) => sum + count!, 0);
  return Object.fromEntries(
    known.map(([label, [count, ...sums]]) => {
      const means = sums.slice(0, 4).map((sum) => sum / count!);
      const deviations = means.map((mean, i) =>
        Math.max(floors[i]!, Math.sqrt(Math.max(0, sums[4 + i]! / count! - mean * mean))),
      );
      return [label, [count! / all, ...means, ...deviations].map(rounded)];
    }),
  );
}

/** Sum of four squared deviations, which 95 % of the boxes of a class stay below (chi-squared). */
const typical = 9.5;

/**
 * How unlikely a class is for a box of this shape at this place, 0..1: what is left for all others by Bayes' rule, with a
 * t distribution for each measure, and the root of a class's share for its prior, so that a rare class is not unlikely for
 * being rare alone. A class that is hardly known fits badly (1) where the box is typical of one that is: what was never seen
 * looks like itself, and what is called by a wrong name looks as ever.
 */
export function misfit(label: string, measures: BoxMeasures, shapes: ClassShapes): number {
  const values = measured(measures);
  let [own, all, nearest] = [0, 0, Number.POSITIVE_INFINITY];
  for (const name in shapes) {
    const shape = shapes[name]!;
    let [likelihood, squares] = [Math.sqrt(shape[0]!), 0];
    for (let i = 0; i < 4; i++) {
      const deviation = shape[5 + i]!;
      const square = ((values[i]! - shape[1 + i]!) / deviation) ** 2;
      squares += square;
      likelihood /= deviation * (1 + square / degrees) ** ((degrees + 1) / 2);
    }
    all += likelihood;
    if (name === label) own = likelihood;
    if (squares < nearest) nearest = squares;
  }
  if (shapes[label] === undefined) return nearest < typical ? 1 : 0;
  return all > 0 ? 1 - own / all : Number.NaN;
}
