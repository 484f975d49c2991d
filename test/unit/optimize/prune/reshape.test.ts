import { describe, expect, it } from 'vitest';
import { reshapedAxes } from '../../../../src/optimize/prune/reshape.ts';
import { Units } from '../../../../src/optimize/prune/units.ts';

interface Case {
  readonly title: string;
  readonly from: readonly number[];
  /** Axes that have units, numbered along them from 0 (first axis), 100 (second), ... */
  readonly carried: readonly number[];
  readonly to: readonly number[];
  /** Roots along each axis of the result. */
  readonly axes: readonly (readonly number[] | undefined)[];
  readonly kept?: boolean;
}

const cases: readonly Case[] = [
  {
    title: 'gives the channels of pictures to rows of pixels',
    from: [1, 4, 3, 3],
    carried: [1],
    to: [1, 4, 9],
    axes: [undefined, [100, 101, 102, 103], undefined],
  },
  {
    title: 'ties the channels of heads, along the longer part',
    from: [1, 6, 5],
    carried: [1],
    to: [1, 2, 3, 5],
    axes: [undefined, undefined, [100, 101, 102], undefined],
  },
  {
    title: 'puts heads side by side again',
    from: [1, 2, 3, 5],
    carried: [2],
    to: [1, 6, 5],
    axes: [undefined, [200, 201, 202, 200, 201, 202], undefined],
  },
  {
    title: 'repeats a channel for each of its pixels',
    from: [1, 2, 1, 3],
    carried: [1],
    to: [1, 6],
    axes: [undefined, [100, 100, 100, 101, 101, 101]],
  },
  {
    title: 'sees through axes of size 1 wherever they are',
    from: [4, 1, 6],
    carried: [2],
    to: [1, 4, 1, 6, 1],
    axes: [undefined, undefined, undefined, [200, 201, 202, 203, 204, 205], undefined],
  },
  {
    title: 'keeps what is mixed: two axes with channels that become one',
    from: [2, 3],
    carried: [0, 1],
    to: [6],
    axes: [undefined],
    kept: true,
  },
  {
    title: 'keeps what is mixed: sides without a common factor',
    from: [1, 4, 6],
    carried: [1],
    to: [1, 3, 8],
    axes: [undefined, undefined, undefined],
    kept: true,
  },
];

describe('channels through a Reshape', () => {
  it.each(cases)('$title', ({ from, carried, to, axes, kept }) => {
    const units = new Units();
    const made = units.make(100 * from.length);
    const given = from.map((side, axis) =>
      carried.includes(axis) ? made.slice(100 * axis, 100 * axis + side) : undefined,
    );
    const result = reshapedAxes(given, from, to, units, 'mixed');
    expect(result.map((axis) => axis?.map((unit) => units.root(unit)))).toEqual(axes);
    const reasons = given.flatMap((axis) => axis ?? []).map((unit) => units.reason(unit));
    expect(new Set(reasons)).toEqual(new Set([kept === true ? 'mixed' : undefined]));
  });
});
