import { describe, expect, it } from 'vitest';
import type { InputContract } from '../../../../src/model/index.ts';
import { doubtOf, EvidenceCollector, letterboxGeometry } from '../../../../src/perception/index.ts';
import { headOf } from '../../../fixtures/head.ts';

const input: InputContract = {
  ...{ tensor: 'images', width: 64, height: 64, layout: 'nchw', dtype: 'float32', colorOrder: 'rgb' },
  ...{ scale: 1, mean: [0, 0, 0], std: [1, 1, 1], fit: 'center', pad: 114 },
};
const picture = { width: 128, height: 128 };
const geometry = letterboxGeometry(input, picture.width, picture.height);
const labels = ['car', 'person'];

/** cx, cy, w, h, objectness, car, person */
type Row = readonly [number, number, number, number, number, number, number];
const nothing: Row = [5, 5, 4, 4, 0.01, 0.5, 0.5];
const car = (at: number, score = 0.9): Row => [at, 30, 8, 6, score, 1, 0];

function evidenceOf(
  pictures: readonly (readonly Row[])[],
  grey: readonly Row[] = [nothing],
  decoder = 'yolov5',
) {
  const collector = new EvidenceCollector({ input, output: headOf(decoder, 2, { tensor: 'out' }) }, labels);
  const tensor = (rows: readonly Row[]) => [
    { name: 'out', dims: [1, rows.length, 7], data: Float32Array.from(rows.flat()) },
  ];
  for (const rows of pictures) collector.add(tensor(rows), geometry, picture);
  collector.addGrey(tensor(grey), geometry, picture);
  return collector.evidence;
}

describe('What a network says of pictures', () => {
  it('is added up', () => {
    const evidence = evidenceOf([
      [car(10), nothing],
      [car(20, 0.5), car(50, 0.3)],
      [nothing, nothing],
    ]);
    expect(evidence).toMatchObject({
      ...{
        pictures: 3,
        findings: 3,
        findingsInGrey: 0,
        covering: 0,
        candidates: 3,
        unitBoxes: 0,
        flooded: 0,
      },
      ...{ invalid: 0, unreadable: 0, constant: false, labels: ['car'] },
      weakest: expect.closeTo(0.3, 5),
      strongest: expect.closeTo(0.9, 5),
      best: expect.closeTo(0.9, 5),
      least: expect.closeTo(0.005, 5),
    });
  });

  it.each<[string, Parameters<typeof evidenceOf>]>([
    ['finds different things in different pictures', [[[car(10)], [car(30), car(50)]]]],
    ['finds something in one picture alone', [[[nothing], [car(30)], [nothing]]]],
    [
      'finds much, and a little in grey too',
      [
        [
          [car(10), car(25), car(40)],
          [car(12), car(28), car(44)],
        ],
        [car(20, 0.3)],
      ],
    ],
    ['finds one thing that fills a picture', [[[[32, 32, 64, 64, 0.9, 1, 0]], [car(30)]]]],
    ['is very sure of a few things', [[[car(10, 1)], [car(30, 1)]]]],
  ])('is plausible where it %s', (_what, args) => {
    expect(doubtOf(evidenceOf(...args))).toBeUndefined();
  });

  const many = (row: (i: number) => Row) => Array.from({ length: 6 }, (_, i) => row(i));
  it.each<[string, Parameters<typeof evidenceOf>, RegExp]>([
    ['finds nothing', [[[nothing], [[6, 5, 4, 4, 0.2, 0.5, 0.5]]]], /finds nothing \(the best score is 0\.1/],
    ['gives NaN', [[[car(10)], [[Number.NaN, 5, 4, 4, 0, 0, 0]]]], /1 values .* NaN/],
    ['gives the same answer for all', [[[car(10)], [car(10)]]], /same answer for every picture/],
    ['gives logits', [[[[10, 10, 4, 4, 3, 2, -1]], [car(10)]]], /scores go from .* to 6/],
    ['gives scores below 0', [[[[10, 10, 4, 4, 0.5, -0.5, -0.9]], [car(10)]]], /scores go from -0\.25/],
    [
      'gives boxes as parts of the picture',
      [[[[0.5, 0.5, 0.2, 0.1, 0.9, 1, 0]], [[0.4, 0.5, 0.2, 0.1, 0.9, 1, 0]]]],
      /2 of 2 boxes are within a few pixels/,
    ],
    [
      'gives boxes across the whole picture',
      [
        [
          many((i) => [32 + i / 10, 32, 80, 80, 0.9, i % 2, (i + 1) % 2]),
          many((i) => [32, 32, 90 + i, 90, 0.8, 0, 1]),
          [car(3)],
          [[32, 32, 70, 70, 0.7, 1, 0]],
          [[33, 32, 70, 70, 0.7, 1, 0]],
        ],
      ],
      /reach over the whole picture/,
    ],
    [
      'is sure of everything',
      [[many((i) => car(5 + i * 10, 1)), many((i) => car(7 + i * 9, 1))]],
      /score of 1\.00/,
    ],
    [
      'finds as much in a grey picture',
      [[[car(10, 0.5)], [car(11, 0.5)], [car(12, 0.5)]], [car(10, 0.4)]],
      /finds 1 in each, and 1 in a picture of one grey/,
    ],
    [
      'is full of objects',
      [
        [0, 1].map((at) =>
          Array.from({ length: 600 }, (_, i) => car(at + (i % 60), i % 3 === 0 ? 0.1 : 0.6)),
        ),
      ],
      /more than half of all its boxes/,
    ],
  ])('is doubted where it %s', (_what, args, words) => {
    const doubt = doubtOf(evidenceOf(...args));
    expect(doubt?.seen).toMatch(words);
    expect(doubt?.cause).toMatch(/\.$/);
    expect(doubt?.remedy).toMatch(/\w/);
  });

  it('is doubted where a class has no label', () => {
    const collector = new EvidenceCollector(
      { input, output: headOf('yolov10', 2, { tensor: 'out' }) },
      labels,
    );
    for (const x of [3, 9]) {
      const data = Float32Array.of(x, 4, 30, 30, 0.9, 0, 10, 10, 30, 30, 0.8, 17);
      collector.add([{ name: 'out', dims: [1, 2, 6], data }], geometry, picture);
    }
    expect(doubtOf(collector.evidence)?.seen).toMatch(/2 boxes have a class without a label/);
  });
});

describe('What a network for depth says', () => {
  const depthInput: InputContract = { ...input, width: 4, height: 2, fit: 'stretch' };
  const doubtAbout = (gives: 'metres' | 'disparity', ...pictures: readonly (readonly number[])[]) => {
    const output = {
      ...{ family: 'depth', outputs: [{ tensors: ['map'], axis: 'none' as const, values: 1 }] },
      ...{ map: true as const, depth: { output: 0, at: 0, gives } },
    };
    const collector = new EvidenceCollector({ input: depthInput, output }, ['depth']);
    const fitted = letterboxGeometry(depthInput, picture.width, picture.height);
    for (const values of pictures)
      collector.add([{ name: 'map', dims: [1, 2, 4], data: Float32Array.from(values) }], fitted, picture);
    return doubtOf(collector.evidence);
  };
  const street = [9, 9, 8, 8, 3, 3, 2, 2];

  it('is believed where places differ', () => {
    expect(doubtAbout('metres', street, [9, 9, 8, 8, 3, 3, 2, 1])).toBeUndefined();
  });

  it('is doubted where everything is equally far away, or every picture the same', () => {
    expect(doubtAbout('disparity', new Array(8).fill(5), new Array(8).fill(6))?.seen).toMatch(/equally far/);
    expect(doubtAbout('disparity', street, street)?.seen).toMatch(/same answer/);
  });

  it('is doubted where metres are 0 or less', () => {
    expect(doubtAbout('metres', [-1, -2, 0, 8, 3, 3, 2, 2], street)?.seen).toMatch(/19 % .* no distance/);
    expect(doubtAbout('disparity', [-1, -2, 0, 8, 3, 3, 2, 2], street)).toBeUndefined();
  });
});
