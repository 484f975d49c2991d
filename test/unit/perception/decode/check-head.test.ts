import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import type { Head } from '../../../../src/model/index.ts';
import { misfitOf } from '../../../../src/perception/decode/check-head.ts';
import { checkHead } from '../../../../src/perception/index.ts';

const input = { width: 64, height: 32 };
const labels = ['car', 'person'];
type Shape = readonly (number | string)[];

/** Cells of 64x32: 32, 8 and 2. */
const perStride: Head = {
  outputs: [
    { tensors: ['s8', 's16', 's32'], axis: 'last', values: 2 },
    { tensors: ['b8', 'b16', 'b32'], axis: 'last', values: 4 },
  ],
  boxes: { output: 1, at: 0, format: 'ltrb', unit: 'cells' },
  scores: { output: 0, at: 0 },
  grid: { strides: [8, 16, 32] },
};
const right: Readonly<Record<string, Shape>> = {
  ...{ s8: [1, 32, 2], s16: [1, 8, 2], s32: [1, 2, 2] },
  ...{ b8: [1, 32, 4], b16: [1, 8, 4], b32: [1, 2, 4] },
};
const squeezed: Head = {
  ...perStride,
  outputs: perStride.outputs.map((output) => ({ ...output, unbatched: true })),
};
const counted: Head = {
  outputs: [
    { tensors: ['boxes'], axis: 'last', values: 4 },
    { tensors: ['scores'], axis: 'none', values: 1 },
    { tensors: ['classes'], axis: 'none', values: 1 },
    { tensors: ['number'], axis: 'none', values: 1 },
  ],
  boxes: { output: 0, at: 0, format: 'xyxy', unit: 'pixels' },
  scores: { output: 1, at: 0 },
  classes: { output: 2, at: 0 },
  count: { output: 3 },
  final: true,
};
const final = { boxes: [1, 100, 4], scores: [1, 100], classes: [1, 100], number: [1] };

const check = (head: Head, shapes: Readonly<Record<string, Shape>>) => () =>
  checkHead(
    head,
    labels,
    input,
    Object.entries(shapes).map(([name, dims]) => ({ name, dims })),
  );

describe('Outputs', () => {
  it.each<[string, Head, Readonly<Record<string, Shape>>]>([
    ['a tensor for each stride', perStride, right],
    ['planes for each stride', perStride, { ...right, s8: [1, 4, 8, 2], b32: [1, 1, 2, 4] }],
    [
      'sides that are not known before the run',
      perStride,
      { ...right, s8: ['n', 'rows', 2], b8: [1, -1, ''] },
    ],
    [
      'no axis of pictures',
      squeezed,
      Object.fromEntries(Object.entries(right).map(([name, dims]) => [name, dims.slice(1)])),
    ],
    ['a count', counted, final],
    ['a count 1 x 1', counted, { ...final, number: [1, 1] }],
    ['a count of no known shape', counted, { ...final, number: ['n'] }],
    ['rows of an unknown number', counted, { ...final, boxes: [1, 'n', 4], scores: [1, 'n'] }],
    ['further tensors that are not read', counted, { ...final, masks: [1, 100, 7] }],
  ])('fit a head with %s', (_what, head, shapes) => {
    expect(check(head, shapes)).not.toThrow();
  });

  it.each<[string, Head, Readonly<Record<string, Shape>>, RegExp]>([
    ['one stride too few', perStride, { ...right, s32: [1, 3, 2] }, /"s32".*3 rows.*grid.*has 2/],
    ['the tensors of two strides swapped', perStride, { ...right, b8: [1, 8, 4] }, /"b8".*8 rows.*has 32/],
    ['another number of values', perStride, { ...right, b16: [1, 8, 5] }, /"b16".*4 values along the last/],
    ['no such tensor', perStride, { s8: [1, 32, 2] }, /no output "s16"/],
    ['two pictures in a tensor', perStride, { ...right, s8: [2, 32, 2] }, /"s8" is 2 x 32 x 2/],
    ['several counts', counted, { ...final, number: [1, 5] }, /it is a count: one value/],
    [
      'other rows in the scores',
      counted,
      { ...final, scores: [1, 99] },
      /99 rows, where another output has 100/,
    ],
    ['a single value where rows are', counted, { ...final, boxes: [] }, /"boxes" is a single value/],
  ])('do not fit where there is %s', (_what, head, shapes, words) => {
    expect(check(head, shapes)).toThrow(InputError);
    expect(check(head, shapes)).toThrow(words);
  });

  it('must hold as many values as their shapes say', () => {
    const tensors = (length: number) =>
      Object.entries(final).map(([name, dims]) => ({
        ...{ name, dims },
        data: new Float32Array(name === 'boxes' ? length : dims.reduce((a, b) => a * b, 1)),
      }));
    expect(misfitOf(counted, input, 2, tensors(400))).toBeUndefined();
    expect(misfitOf(counted, input, 2, tensors(396))?.message).toMatch(/"boxes".*holds 396 values/);
    const open = tensors(0).map((tensor) =>
      tensor.name === 'boxes' ? { ...tensor, dims: [1, 0, 4] } : tensor,
    );
    expect(misfitOf(counted, input, 2, open)?.message).toMatch(/"boxes"/);
  });

  it('of a head that is broken in itself are not looked at', () => {
    const head: Head = { ...counted, scores: { output: 7, at: 0 } };
    expect(check(head, final)).toThrow(/head of the bundle is not right.*output 7 of 4/);
  });

  it('without boxes are about one picture', () => {
    const head: Head = {
      outputs: [{ tensors: ['scores'], axis: 'first', values: 2 }],
      scores: { output: 0, at: 0 },
    };
    expect(check(head, { scores: [1, 2] })).not.toThrow();
    expect(check(head, { scores: [1, 2, 1, 1] })).not.toThrow();
    expect(check(head, { scores: [1, 2, 7, 7] })).toThrow(/49 things of one picture/);
  });
});
