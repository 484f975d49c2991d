import { expect } from 'vitest';
import { loadNative } from '../../../native/index.ts';
import type { InputContract } from '../../../src/model/index.ts';
import { letterboxGeometry, Postprocessor } from '../../../src/perception/index.ts';
import type { HeadCase } from './random-head.ts';

/* One head, one answer: what the TypeScript interpreter and the addon say of it. */

export const frame = { width: 333, height: 217 };

/** The sides are no multiples of every stride: the last cells reach over the edge. */
export const input: InputContract = {
  tensor: 'images',
  width: 100,
  height: 70,
  layout: 'nchw',
  dtype: 'float32',
  colorOrder: 'rgb',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  fit: 'center',
  pad: 114,
};

export interface Asked {
  readonly scoreThreshold: number;
  readonly iouThreshold: number;
  readonly maxDetections: number;
  readonly multiLabel: boolean;
  /** Every second class alone. */
  readonly some: boolean;
}

export interface Answer {
  readonly candidates: number;
  readonly invalid: number;
  /** Class, score, x1, y1, x2, y2 each. */
  readonly detections: readonly number[];
  /** x, y, score each. */
  readonly points: readonly number[];
  /** x, y, width and height of a cell, columns, rows each; zeros where a box has no cells. */
  readonly shapes: readonly number[];
  readonly cells: readonly number[];
  /** Centre, size and angle each. */
  readonly rotated: readonly number[];
  /** x, y, width and height of a cell, columns, rows, and the values; empty: no depth. */
  readonly depth: readonly number[];
  readonly vector: readonly number[];
  /** Labels of the characters. */
  readonly text: readonly number[];
}

/** What both say; a refusal is its code. */
export function both(
  { head, classes, outputs }: HeadCase,
  asked: Asked,
): [Answer | 'refused', Answer | 'refused'] {
  const { multiLabel, some, ...settings } = asked;
  const labels = Array.from({ length: classes }, (_, i) => `class ${i}`);
  const typescript = attempt('model-output', () => {
    const postprocessor = new Postprocessor({ input, output: { family: 'any', ...head } }, labels, {
      multiLabel,
    });
    const geometry = letterboxGeometry(input, frame.width, frame.height);
    const wanted = some ? labels.filter((_, i) => i % 2 === 0) : [];
    const found = postprocessor.run(outputs, geometry, frame, { ...settings, classes: wanted });
    const masked =
      head.masks === undefined && (head.map === undefined || head.depth !== undefined)
        ? []
        : found.detections;
    return {
      ...found,
      points: found.detections.flatMap(({ keypoints = [] }) =>
        keypoints.flatMap(({ x, y, score = 0 }) => [x, y, score]),
      ),
      shapes: masked.flatMap(({ mask }) =>
        mask === undefined
          ? [0, 0, 0, 0, 0, 0]
          : [mask.x, mask.y, mask.cellWidth, mask.cellHeight, mask.columns, mask.rows],
      ),
      cells: masked.flatMap(({ mask }) => Array.from(mask?.values ?? [])),
      rotated: found.detections.flatMap(({ rotated }) =>
        rotated === undefined ? [] : [rotated.cx, rotated.cy, rotated.width, rotated.height, rotated.angle],
      ),
      depth: found.detections.flatMap(({ depth }) =>
        depth === undefined
          ? []
          : [
              ...[depth.x, depth.y, depth.cellWidth, depth.cellHeight, depth.columns, depth.rows],
              ...depth.values,
            ],
      ),
      vector: found.detections.flatMap(({ embedding = [] }) => Array.from(embedding)),
      text: head.text === undefined ? [] : found.detections.flatMap(({ label }) => numbersIn(label)),
      detections: found.detections.flatMap(({ classId, score, box: { x1, y1, x2, y2 } }) => [
        ...[classId, score, x1, y1, x2, y2],
      ]),
    };
  });
  const native = attempt('native-model-output', () => {
    const wanted = some ? { wanted: Uint8Array.from(labels, (_, i) => (i % 2 === 0 ? 1 : 0)) } : {};
    const asked = { ...settings, multiLabel, maxCandidates: 1000, ...wanted };
    const found = loadNative().postprocess(outputs, head, classes, input, frame, asked);
    const { points = [], masks = { shapes: [], values: [] } } = found;
    const shapes = Array.from(masks.shapes);
    const cells = shapes.reduce((sum, value, i) => (i % 6 === 5 ? sum + value * shapes[i - 1]! : sum), 0);
    return {
      ...{ ...found, detections: Array.from(found.detections), points: Array.from(points) },
      // Where a mask lies that has no cells says nothing.
      shapes: shapes.map((value, i) => (shapes[i - (i % 6) + 4] === 0 ? 0 : value)),
      cells: Array.from(masks.values.slice(0, cells)),
      rotated: Array.from(found.rotated ?? []),
      vector: Array.from(found.vector ?? []),
      text: Array.from(found.text ?? []),
      depth: found.depth === undefined ? [] : [...found.depth.shape, ...found.depth.values],
    };
  });
  return [typescript, native];
}

/** Of `class 3class 14`. */
const numbersIn = (label: string) => Array.from(label.matchAll(/\d+/g), ([digits]) => Number(digits));

function attempt(refusal: string, run: () => Answer): Answer | 'refused' {
  try {
    return run();
  } catch (error) {
    expect(error).toMatchObject({ code: refusal });
    return 'refused';
  }
}

/** All the same bits, but for what two libraries' exp, tanh and pow round differently. */
export function expectSame(typescript: Answer | 'refused', native: Answer | 'refused'): void {
  if (typescript === 'refused' || native === 'refused') {
    expect(native).toBe(typescript);
    return;
  }
  expect(native.candidates).toBe(typescript.candidates);
  expect(native.invalid).toBe(typescript.invalid);
  for (const part of ['detections', 'points', 'shapes', 'rotated', 'depth', 'vector', 'text'] as const) {
    expect(native[part].length).toBe(typescript[part].length);
    for (const [i, value] of native[part].entries()) {
      const wanted = typescript[part][i]!;
      // Two infinities, or two NaN, are equal but not close.
      if (!Object.is(value, wanted) && !(Math.abs(value - wanted) <= 2e-6 * Math.max(1, Math.abs(wanted))))
        expect(native[part]).toEqual(typescript[part]);
    }
  }
  expect(native.cells).toEqual(typescript.cells);
}
