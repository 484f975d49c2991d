import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutputContract } from '../../../../src/model/index.ts';
import { Candidates, type DecodeOptions, HeadDecoder } from '../../../../src/perception/decode/index.ts';
import type { OutputTensor } from '../../../../src/perception/index.ts';
import { headOf } from '../../../fixtures/head.ts';

interface Context extends DecodeOptions {
  readonly output: OutputContract;
}

const size = { width: 32, height: 32 };
const context = (family: string, over: Partial<Context> = {}): Context => ({
  output: headOf(family, 2, { tensor: 'out', ...size }),
  scoreThreshold: 0.3,
  multiLabel: false,
  ...over,
});

const tensor = (dims: number[], values: ArrayLike<number>): OutputTensor => ({
  name: 'out',
  dims,
  data: Float32Array.from(values),
});

interface Plain {
  classId: number;
  score: number;
  box: number[];
}

function run(output: OutputTensor, ctx: Context, cap?: number): Plain[] & { found: number; invalid: number } {
  const into = new Candidates();
  const found = new HeadDecoder(ctx.output, size, 2).run([output], ctx, into, cap);
  const list = Array.from({ length: into.count }, (_, i) => ({
    classId: into.classes[i]!,
    score: into.scores[i]!,
    box: [...into.boxes.slice(4 * i, 4 * i + 4)],
  }));
  return Object.assign(list, { found, invalid: into.invalid });
}

/** Rows of N x W as W x N. */
const transposed = (rows: number[][]): number[] => rows[0]!.flatMap((_, c) => rows.map((row) => row[c]!));

describe('yolov5', () => {
  const rows = [
    [10, 12, 4, 6, 0.9, 0.2, 0.8],
    [20, 20, 8, 8, 0.2, 1, 1], // objectness below the threshold
    [16, 16, 2, 2, 0.5, 0.7, 0.5],
  ];

  it('multiplies objectness with the best class and turns centre and size into corners', () => {
    const list = run(tensor([1, 3, 7], rows.flat()), context('yolov5'));
    expect(list).toHaveLength(2);
    expect(list[0]).toMatchObject({ classId: 1, score: expect.closeTo(0.72, 5), box: [8, 9, 12, 15] });
    expect(list[1]).toMatchObject({ classId: 0, score: expect.closeTo(0.35, 5), box: [15, 15, 17, 17] });
  });

  it('gives every class above the threshold when it is evaluated with several labels', () => {
    const list = run(
      tensor([1, 3, 7], rows.flat()),
      context('yolov5', { multiLabel: true, scoreThreshold: 0.15 }),
    );
    expect(list.map(({ classId, score }) => [classId, Math.round(score * 100)])).toEqual([
      [0, 18],
      [1, 72],
      [0, 20],
      [1, 20],
      [0, 35],
      [1, 25],
    ]);
  });

  it('drops a box whose best class is not wanted instead of renaming it', () => {
    const ctx = context('yolov5', { wanted: Uint8Array.of(1, 0) });
    expect(run(tensor([1, 3, 7], rows.flat()), ctx).map(({ classId }) => classId)).toEqual([0]);
  });
});

describe('yolov8', () => {
  it('reads columns without objectness', () => {
    const rows = [
      [10, 12, 4, 6, 0.2, 0.8],
      [20, 20, 8, 8, 0.1, 0.2],
    ];
    const list = run(tensor([1, 6, 2], transposed(rows)), context('yolov8'));
    expect([...list]).toEqual([{ classId: 1, score: expect.closeTo(0.8, 5), box: [8, 9, 12, 15] }]);
  });

  it('agrees with yolov5 on the same boxes with objectness 1, in both label modes', () => {
    const row = fc.tuple(
      ...[0, 1].map(() => fc.float({ min: 0, max: 32, noNaN: true })),
      ...[0, 1].map(() => fc.float({ min: 1, max: 16, noNaN: true })),
      ...[0, 1].map(() => fc.oneof(fc.float({ min: 0, max: 1, noNaN: true }), fc.constant(Number.NaN))),
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.boolean(), (rows, multiLabel) => {
        const five = rows.map((r) => [...r.slice(0, 4), 1, ...r.slice(4)]);
        const a = run(tensor([1, rows.length, 7], five.flat()), context('yolov5', { multiLabel }));
        const b = run(tensor([1, 6, rows.length], transposed(rows)), context('yolov8', { multiLabel }));
        expect(b).toEqual(a);
        expect([b.found, b.invalid]).toEqual([a.found, a.invalid]);
      }),
      { seed: 3 },
    );
  });
});

describe('yolov10', () => {
  const rows = [
    [8, 9, 12, 15, 0.9, 1],
    [1, 2, 3, 4, 0.5, 0],
    [15, 15, 17, 17, 0.2, 0], // below the threshold
    [4, 4, 2, 8, 0.8, 0], // no box
  ];

  it('takes corners, score and class of every row as they are', () => {
    expect([...run(tensor([1, 4, 6], rows.flat()), context('yolov10'))]).toEqual([
      { classId: 1, score: expect.closeTo(0.9, 5), box: [8, 9, 12, 15] },
      { classId: 0, score: 0.5, box: [1, 2, 3, 4] },
    ]);
  });

  it('leaves out what is not wanted', () => {
    const list = run(tensor([1, 4, 6], rows.flat()), context('yolov10', { wanted: Uint8Array.of(0, 1) }));
    expect(list.map(({ classId }) => classId)).toEqual([1]);
  });

  it.each([
    ['a class that has no label', 2],
    ['a class below 0', -1],
    ['no class', Number.NaN],
  ])('counts a row with %s instead of giving it another', (_what, classId) => {
    const list = run(tensor([1, 1, 6], [8, 9, 12, 15, 0.9, classId]), context('yolov10'));
    expect([list.length, list.invalid]).toEqual([0, 1]);
  });

  it('takes a class that a half float rounded for the nearest', () => {
    const list = run(tensor([1, 1, 6], [8, 9, 12, 15, 0.9, 0.998]), context('yolov10'));
    expect(list.map(({ classId }) => classId)).toEqual([1]);
  });
});

describe('yolox', () => {
  it('adds the cell, multiplies with the stride and takes the exponent of the size', () => {
    // Strides 8, 16, 32 of 32x32: 16 + 4 + 1 cells.
    const data = new Float32Array(21 * 7);
    data.set([0.5, 0.25, Math.log(2), 0, 0.9, 0.1, 1], (4 * 2 + 3) * 7); // stride 8, row 2, column 3
    data.set([0.5, 0.5, 0, 0, 0.8, 1, 0], (16 + 2) * 7); // stride 16, row 1, column 0
    const list = run(tensor([1, 21, 7], data), context('yolox'));
    expect([...list]).toEqual([
      { classId: 1, score: expect.closeTo(0.9, 5), box: [20, 14, 36, 22].map((v) => expect.closeTo(v, 4)) },
      { classId: 0, score: expect.closeTo(0.8, 5), box: [0, 16, 16, 32] },
    ]);
  });

  it('uses the strides of the contract', () => {
    const ctx = context('yolox', { output: headOf('yolox', 2, { tensor: 'out', strides: [16] }) });
    const data = new Float32Array(4 * 7);
    data.set([0.5, 0.5, 0, 0, 1, 1, 0], 3 * 7);
    expect(run(tensor([1, 4, 7], data), ctx)[0]!.box).toEqual([16, 16, 32, 32]);
  });

  it('drops and counts a size that overflows', () => {
    const data = new Float32Array(21 * 7);
    data.set([0, 0, 1e4, 0, 1, 1, 0], 0);
    const list = run(tensor([1, 21, 7], data), context('yolox'));
    expect(list).toHaveLength(0);
    expect(list.invalid).toBe(1);
  });
});

describe('fastestdet', () => {
  it('takes tanh of the offset, sigmoid of the size and weighs objectness and class', () => {
    // Grid 2 x 2, seven planes.
    const planes = new Float32Array(7 * 4);
    const cell = 3;
    for (const [plane, value] of [0.5, 0, Math.atanh(0.5), 0, Math.log(1 / 3), 0.2, 0.9].entries()) {
      planes[plane * 4 + cell] = value;
    }
    const list = run(tensor([1, 7, 2, 2], planes), context('fastestdet'));
    // cx = (0 + 1) / 2, cy = (0.5 + 1) / 2, w = 1/2, h = 1/4 of 32 pixels.
    expect([...list]).toEqual([
      {
        classId: 1,
        score: expect.closeTo(0.5 ** 0.6 * 0.9 ** 0.4, 5),
        box: [8, 20, 24, 28].map((v) => expect.closeTo(v, 4)),
      },
    ]);
  });
});

describe('decode', () => {
  it('keeps the best candidates when there are more than the cap, earlier ones of equals, in their order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 4, max: 9 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (scores, cap) => {
          const rows = scores.flatMap((score, i) => [10 + i, 12, 4, 6, 1, score / 10, 0]);
          const list = run(tensor([1, scores.length, 7], rows), context('yolov5'), cap);
          const best = scores
            .map((score, i) => ({ score, i }))
            .sort((a, b) => b.score - a.score || a.i - b.i)
            .slice(0, cap)
            .sort((a, b) => a.i - b.i);
          expect(list.map(({ box }) => box[0]! - 8)).toEqual(best.map(({ i }) => i));
          expect(list.found).toBe(scores.length);
        },
      ),
      { seed: 5 },
    );
  });

  it('grows beyond its first size', () => {
    const rows = Array.from({ length: 5000 }, (_, i) => [i, 12, 4, 6, 1, 0.9, 0]).flat();
    const list = run(tensor([1, 5000, 7], rows), context('yolov5'), 10_000);
    expect(list).toHaveLength(5000);
    expect(list[4999]!.box[0]).toBe(4997);
  });

  it('never gives a box or a score that is not finite, whatever the engine answers', () => {
    const any = fc.oneof(
      fc.float(),
      fc.constantFrom(
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        3e38,
        -3e38,
        -0,
        1,
        0.5,
      ),
    );
    const shapes: [string, number[]][] = [
      ['yolov5', [1, 21, 7]],
      ['yolov8', [1, 6, 21]],
      ['yolov10', [1, 21, 6]],
      ['yolox', [1, 21, 7]],
      ['fastestdet', [1, 7, 2, 2]],
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...shapes),
        fc.boolean(),
        fc.constantFrom(0, 0.01, 0.5),
        fc.infiniteStream(any),
        ([decoder, dims], multiLabel, scoreThreshold, stream) => {
          const values = [...stream.take(dims.reduce((a, b) => a * b))];
          const list = run(tensor(dims, values), context(decoder, { multiLabel, scoreThreshold }));
          for (const { box, score, classId } of list) {
            expect([...box, score].every(Number.isFinite)).toBe(true);
            expect(score).toBeGreaterThanOrEqual(Math.fround(scoreThreshold));
            expect(box[2]! > box[0]! && box[3]! > box[1]!).toBe(true);
            expect([0, 1]).toContain(classId);
          }
        },
      ),
      { numRuns: 200, seed: 9 },
    );
  });

  it('counts NaN scores instead of hiding them behind another class', () => {
    const list = run(tensor([1, 1, 7], [10, 10, 4, 4, 1, 0.9, Number.NaN]), context('yolov5'));
    expect(list).toHaveLength(0);
    expect(list.invalid).toBe(1);
  });

  it('refuses an answer whose shape or length is another than promised', () => {
    const ctx = context('yolov5');
    expect(() => run(tensor([1, 2, 6], new Float32Array(12)), ctx)).toThrow(
      /1 x 2 x 6.*7 values along the last axis/,
    );
    expect(() => run(tensor([1, 2, 7], new Float32Array(13)), ctx)).toThrow(/holds 13 values/);
    expect(() => run(tensor([2, 1, 7], new Float32Array(14)), ctx)).toThrow(/2 x 1 x 7/);
    expect(() => run({ ...tensor([1, 2, 7], new Float32Array(14)), name: 'other' }, ctx)).toThrow(
      /no output "out"/,
    );
  });
});

describe('classifiers', () => {
  it.each([
    ['logits', [0, Math.log(3)], 1, 0.75],
    ['softmax', [0.9, 0.1], 0, 0.9],
  ] as const)(
    '%s: what is most likely has the whole picture as its box',
    (decoder, values, classId, score) => {
      const list = run(tensor([1, 2], values), context(decoder));
      expect([...list]).toEqual([{ classId, score: expect.closeTo(score, 5), box: [0, 0, 32, 32] }]);
      expect(run(tensor([1, 2], values), context(decoder, { scoreThreshold: 0.95 }))).toHaveLength(0);
      const other = Uint8Array.of(classId, 1 - classId);
      expect(run(tensor([1, 2], values), context(decoder, { wanted: other }))).toHaveLength(0);
    },
  );

  it('give every label that reaches the threshold where they are evaluated', () => {
    expect(run(tensor([1, 2], [0.4, 0.6]), context('softmax', { multiLabel: true }))).toHaveLength(2);
  });

  it('count values that are no numbers', () => {
    for (const decoder of ['logits', 'softmax'] as const)
      expect(run(tensor([1, 2], [1, Number.NaN]), context(decoder))).toMatchObject({ length: 0, invalid: 1 });
  });

  it('need as many values as there are labels', () => {
    expect(() => run(tensor([1, 3], [1, 2, 3]), context('logits'))).toThrow(
      /1 x 3; the bundle reads 1 x ... with 2 values/,
    );
  });
});
