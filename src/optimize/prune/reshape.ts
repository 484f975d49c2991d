import { sizeOf } from '../onnx/tensor.ts';
import type { Unit, Units } from './units.ts';

/** Units along each axis of a value; undefined for an axis that nothing can be taken from. */
export type Axes = readonly (readonly Unit[] | undefined)[];

/**
 * Units behind a Reshape, found by the factors that both shapes share. An axis that is cut into several (the heads of an
 * attention) hands its units to the longest part: the same ones go from every other part. Axes that become one keep the
 * units of the one that has some.
 */
export function reshapedAxes(
  axes: Axes,
  from: readonly number[],
  to: readonly number[],
  units: Units,
  reason: string,
): Axes {
  const result: (readonly Unit[] | undefined)[] = to.map(() => undefined);
  for (const { inputs, outputs } of factorGroups(from, to)) {
    const carrying = inputs.filter((axis) => axes[axis] !== undefined);
    const [carrier] = carrying;
    if (carrier === undefined) continue;
    const carried = axes[carrier] ?? [];
    const sides = outputs.map((axis) => to[axis] ?? 1);
    if (inputs.length === 1) {
      const part = sides.lastIndexOf(Math.max(...sides));
      const place = coordinates(sides, part);
      const shared: Unit[] = [];
      carried.forEach((unit, c) => {
        const at = place(c);
        shared[at] ??= unit;
        units.join(shared[at], unit);
      });
      result[outputs[part] ?? 0] = shared;
    } else if (outputs.length === 1 && carrying.length === 1) {
      const place = coordinates(
        inputs.map((axis) => from[axis] ?? 1),
        inputs.indexOf(carrier),
      );
      result[outputs[0] ?? 0] = Array.from({ length: sides[0] ?? 1 }, (_, c) => carried[place(c)] ?? 0);
    } else for (const axis of carrying) units.keep(axes[axis], reason);
  }
  return result;
}

/** Place along side `part` of the element at a row-major position. */
function coordinates(sides: readonly number[], part: number): (position: number) => number {
  const inner = sizeOf(sides.slice(part + 1));
  const side = sides[part] ?? 1;
  return (position) => Math.floor(position / inner) % side;
}

/** The smallest runs of axes with the same product on both sides; axes of size 1 belong to none. */
function factorGroups(
  from: readonly number[],
  to: readonly number[],
): { readonly inputs: number[]; readonly outputs: number[] }[] {
  const left = from.flatMap((side, axis) => (side === 1 ? [] : [axis]));
  const right = to.flatMap((side, axis) => (side === 1 ? [] : [axis]));
  const groups: { inputs: number[]; outputs: number[] }[] = [];
  while (left.length > 0 && right.length > 0) {
    const group = { inputs: [left.shift() ?? 0], outputs: [right.shift() ?? 0] };
    const product = (axes: readonly number[], sides: readonly number[]) =>
      sizeOf(axes.map((axis) => sides[axis] ?? 1));
    for (;;) {
      const difference = product(group.inputs, from) - product(group.outputs, to);
      if (difference === 0) break;
      const next = difference < 0 ? left.shift() : right.shift();
      if (next === undefined) break;
      (difference < 0 ? group.inputs : group.outputs).push(next);
    }
    groups.push(group);
  }
  return groups;
}
