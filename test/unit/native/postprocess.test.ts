import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadNative } from '../../../native/index.ts';
import type { DecoderName, InputContract } from '../../../src/model/index.ts';
import { letterboxGeometry, Postprocessor } from '../../../src/perception/index.ts';
import { nativeMissing, titled } from '../../conformance/native-build.ts';

const why = nativeMissing();

const input: InputContract = {
  tensor: 'images',
  width: 96,
  height: 64,
  layout: 'nchw',
  dtype: 'float32',
  colorOrder: 'rgb',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  fit: 'center',
  pad: 114,
};

interface Case {
  readonly decoder: DecoderName;
  readonly classes: number;
  readonly boxes: number;
  readonly seed: number;
  /** Coarse scores make ties. */
  readonly coarse: boolean;
  readonly sick: boolean;
}

function dimsOf({ decoder, classes, boxes }: Case): number[] {
  switch (decoder) {
    case 'yolov5':
      return [1, boxes, 5 + classes];
    case 'yolov8':
      return [1, 4 + classes, boxes];
    case 'yolov10':
      return [1, boxes, 6];
    case 'yolox':
      return [1, 12 * 8 + 6 * 4 + 3 * 2, 5 + classes];
    case 'fastestdet':
      return [1, 5 + classes, 6, 9];
    case 'logits':
    case 'softmax':
      return [1, classes];
  }
}

/** Boxes around the input, scores 0..1, in float32; now and then a NaN or an infinity. */
function tensorOf(test: Case): { dims: number[]; data: Float32Array } {
  const dims = dimsOf(test);
  const data = new Float32Array(dims.reduce((a, b) => a * b, 1));
  let state = test.seed | 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
  const [, rows = 0, columns = 0] = dims;
  for (let i = 0; i < data.length; i++) {
    const field =
      test.decoder === 'fastestdet'
        ? Math.floor(i / 54)
        : test.decoder === 'yolov8'
          ? Math.floor(i / columns)
          : i % columns;
    let value = random();
    if (test.decoder === 'logits') value = value * 12 - 6;
    if (test.decoder === 'fastestdet') {
      if (field > 0 && field < 5) value = value * 4 - 2;
    } else if (field < 4) {
      value = test.decoder === 'yolox' ? value * 3 - 1 : value * 90;
    }
    // Now and then a class that has no label.
    if (test.decoder === 'yolov10' && field === 5) value = Math.floor(value * (test.classes + 0.1));
    else if (test.coarse && field >= 4) value = Math.round(value * 8) / 8;
    if (test.sick && random() < 0.02) value = random() < 0.5 ? Number.NaN : Number.POSITIVE_INFINITY;
    data[i] = value;
  }
  expect(rows).toBeGreaterThan(0);
  return { dims, data };
}

const cases = fc.record({
  decoder: fc.constantFrom<DecoderName>(
    'yolov5',
    'yolov8',
    'yolov10',
    'yolox',
    'fastestdet',
    'logits',
    'softmax',
  ),
  classes: fc.integer({ min: 1, max: 6 }),
  boxes: fc.integer({ min: 1, max: 1500 }),
  seed: fc.integer(),
  coarse: fc.boolean(),
  sick: fc.boolean(),
});

const settings = fc.record({
  scoreThreshold: fc.constantFrom(0.05, 0.25, 0.5, 0.9),
  iouThreshold: fc.constantFrom(0.2, 0.45, 0.7),
  maxDetections: fc.constantFrom(1, 20, 300),
});

describe.skipIf(why !== undefined)(titled('native decode and NMS', why), () => {
  it('finds the same boxes as the TypeScript reference for every decoder', () => {
    fc.assert(
      fc.property(cases, settings, fc.boolean(), fc.boolean(), (test, chosen, multiLabel, some) => {
        const { dims, data } = tensorOf(test);
        const labels = Array.from({ length: test.classes }, (_, i) => `class ${i}`);
        const frame = { width: 333, height: 217 };
        const output = { decoder: test.decoder, tensors: ['output'], strides: [8, 16, 32] };
        const classes = some ? labels.filter((_, i) => i % 2 === 0) : [];
        const expected = new Postprocessor({ input, output }, labels, { multiLabel }).run(
          [{ name: 'output', dims, data }],
          letterboxGeometry(input, frame.width, frame.height),
          frame,
          { ...chosen, classes },
        );
        const actual = loadNative().postprocess(
          data,
          dims,
          { kind: test.decoder, classCount: test.classes, strides: [8, 16, 32] },
          input,
          frame,
          {
            ...chosen,
            multiLabel,
            maxCandidates: 1000,
            ...(some ? { wanted: Uint8Array.from(labels, (_, i) => (i % 2 === 0 ? 1 : 0)) } : {}),
          },
        );
        expect(actual.candidates).toBe(expected.candidates);
        expect(actual.invalid).toBe(expected.invalid);
        expect(actual.detections.length).toBe(expected.detections.length * 6);
        expected.detections.forEach(({ classId, score, box }, i) => {
          const [c, s, x1, y1, x2, y2] = actual.detections.subarray(i * 6, i * 6 + 6);
          expect(c).toBe(classId);
          expect(s).toBeCloseTo(score, 6);
          expect(x1).toBeCloseTo(box.x1, 3);
          expect(y1).toBeCloseTo(box.y1, 3);
          expect(x2).toBeCloseTo(box.x2, 3);
          expect(y2).toBeCloseTo(box.y2, 3);
        });
      }),
      { numRuns: 300, seed: 20_263 },
    );
  });

  it.each([
    ['yolov5', [1, 10, 8]],
    ['yolov8', [1, 10, 7]],
    ['yolov10', [1, 10, 7]],
    ['yolov10', [10, 6]],
    ['yolox', [1, 125, 7]],
    ['fastestdet', [1, 7, 6]],
    ['yolov5', [2, 5, 7]],
  ] as const)('refuses a %s output of %j, which the decoder would read past', (kind, dims) => {
    const data = new Float32Array(dims.reduce((a: number, b) => a * b, 1));
    const call = () =>
      loadNative().postprocess(
        data,
        dims,
        { kind, classCount: 2 },
        input,
        { width: 10, height: 10 },
        {
          scoreThreshold: 0.5,
          iouThreshold: 0.5,
          maxDetections: 10,
          maxCandidates: 1000,
          multiLabel: false,
        },
      );
    expect(call).toThrow(expect.objectContaining({ code: 'native-model-output' }));
  });

  it('refuses data shorter than its dimensions', () => {
    const call = () =>
      loadNative().postprocess(
        new Float32Array(69),
        [1, 10, 7],
        { kind: 'yolov5', classCount: 2 },
        input,
        { width: 10, height: 10 },
        {
          scoreThreshold: 0.5,
          iouThreshold: 0.5,
          maxDetections: 10,
          maxCandidates: 1000,
          multiLabel: false,
        },
      );
    expect(call).toThrow(/holds 69 values/);
  });
});
