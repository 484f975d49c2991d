import { describe, expect, it } from 'vitest';
import { type Head, problemOfHead } from '../../../src/model/index.ts';

/** One output with boxes, an objectness and two classes. */
const rows: Head = {
  outputs: [{ tensors: ['out'], axis: 'last', values: 7 }],
  boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'pixels' },
  objectness: { output: 0, at: 4 },
  scores: { output: 0, at: 5 },
};
const grid = { strides: [8, 16, 32] };
const perStride: Head = {
  outputs: [
    { tensors: ['s8', 's16', 's32'], axis: 'last', values: 2 },
    { tensors: ['b8', 'b16', 'b32'], axis: 'last', values: 32 },
  ],
  boxes: { output: 1, at: 0, format: 'ltrb', unit: 'cells', bins: 8 },
  scores: { output: 0, at: 0 },
  grid,
};
const named: Head = {
  outputs: [
    { tensors: ['boxes'], axis: 'last', values: 4 },
    { tensors: ['scores'], axis: 'none', values: 1 },
    { tensors: ['labels'], axis: 'none', values: 1 },
    { tensors: ['number'], axis: 'none', values: 1 },
  ],
  boxes: { output: 0, at: 0, format: 'xyxy', unit: 'pixels' },
  scores: { output: 1, at: 0 },
  classes: { output: 2, at: 0 },
  count: { output: 3 },
};

describe('A head', () => {
  it.each<[string, Head]>([
    ['rows of one output', rows],
    ['outputs per stride', perStride],
    ['outputs that name classes and their number', named],
    ['one value per class for the picture', { outputs: rows.outputs, scores: { output: 0, at: 5 } }],
    [
      'a background before the classes',
      { ...rows, scores: { output: 0, at: 5, activation: 'softmax', background: 'before' } },
    ],
    [
      'a background after the classes',
      { ...rows, scores: { output: 0, at: 4, activation: 'softmax', background: 'after' } },
    ],
  ])('with %s is right', (_what, head) => {
    expect(problemOfHead(head, 2)).toBeUndefined();
  });

  it.each<[string, Head, RegExp]>([
    ['boxes in no output', { ...rows, boxes: { ...rows.boxes!, output: 1 } }, /boxes are in output 1 of 1/],
    ['scores in no output', { ...rows, scores: { output: 4, at: 0 } }, /scores are in output 4 of 1/],
    ['a count in no output', { ...named, count: { output: 9 } }, /count are in output 9 of 4/],
    ['boxes beyond a row', { ...rows, boxes: { ...rows.boxes!, at: 4 } }, /boxes need 4 values from 4 on.*7/],
    [
      'distributions beyond a row',
      { ...rows, boxes: { ...rows.boxes!, bins: 2 } },
      /boxes need 8 values from 0 on/,
    ],
    ['classes beyond a row', { ...rows, scores: { output: 0, at: 6 } }, /scores need 2 values from 6 on/],
    ['an objectness beyond a row', { ...rows, objectness: { output: 0, at: 7 } }, /objectness need 1 values/],
    [
      'a class number beyond a row',
      { ...named, classes: { output: 2, at: 1 } },
      /classes need 1 values from 1 on, but "labels" has 1/,
    ],
    [
      'a background before the first value',
      { ...rows, scores: { output: 0, at: 0, activation: 'softmax', background: 'before' } },
      /scores need/,
    ],
    [
      'a background beyond a row',
      { ...rows, scores: { output: 0, at: 5, activation: 'softmax', background: 'after' } },
      /scores need 3 values from 5 on/,
    ],
    [
      'a background without a softmax',
      { ...rows, scores: { output: 0, at: 5, background: 'before' } },
      /background counts in a softmax/,
    ],
    [
      'several values where there is one',
      { ...named, outputs: named.outputs.with(1, { tensors: ['scores'], axis: 'none', values: 2 }) },
      /one value per row, not 2/,
    ],
    [
      'tensors for other strides than its own',
      { ...perStride, grid: { strides: [8, 16] } },
      /3 tensors are named for 2 strides/,
    ],
    [
      'tensors per stride and no grid',
      { ...rows, outputs: [{ tensors: ['a', 'b'], axis: 'last', values: 7 }] },
      /2 tensors are named for no strides/,
    ],
    [
      'a count per stride',
      {
        ...perStride,
        outputs: [...perStride.outputs, { tensors: ['a', 'b', 'c'], axis: 'none', values: 1 }],
        count: { output: 2 },
      },
      /count is one tensor/,
    ],
    [
      'distances without a grid',
      { ...rows, boxes: { ...rows.boxes!, format: 'ltrb' } },
      /counted from cells, and it has no grid/,
    ],
    [
      'centres in cells without a grid',
      { ...rows, boxes: { ...rows.boxes!, relative: true } },
      /it has no grid/,
    ],
    [
      'sizes in anchors without a grid',
      { ...rows, boxes: { ...rows.boxes!, sizeUnit: 'anchor' } },
      /it has no grid/,
    ],
    [
      'anchors for one of its strides',
      { ...perStride, grid: { ...grid, anchors: [[[8, 8]]] } },
      /anchors for 1 of 3 strides/,
    ],
  ])('with %s is refused', (_what, head, words) => {
    expect(problemOfHead(head, 2)).toMatch(words);
  });

  it('needs a value for each class', () => {
    expect(problemOfHead(rows, 2)).toBeUndefined();
    expect(problemOfHead(rows, 3)).toMatch(/scores need 3 values from 5 on, but "out" has 7 per row/);
  });
});
