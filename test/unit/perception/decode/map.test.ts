import { describe, expect, it } from 'vitest';
import type { InputContract, OutputContract } from '../../../../src/model/index.ts';
import {
  type Detection,
  letterboxGeometry,
  MeanIouCounter,
  Postprocessor,
} from '../../../../src/perception/index.ts';

const input: InputContract = {
  ...{ tensor: 'images', width: 40, height: 20, layout: 'nchw', dtype: 'float32', colorOrder: 'rgb' },
  ...{ scale: 1, mean: [0, 0, 0], std: [1, 1, 1], fit: 'stretch', pad: 114 },
};
const labels = ['ground', 'car', 'person'];
const frame = { width: 80, height: 40 };
const settings = { scoreThreshold: 0.3, iouThreshold: 0.5, maxDetections: 100, classes: [] };

/** Lines of class numbers as logits: 8 for the class, 0 for the others. */
function logits(lines: readonly string[], axis: 'first' | 'last'): { dims: number[]; data: Float32Array } {
  const [height, width] = [lines.length, lines[0]!.length];
  const data = new Float32Array(3 * height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const classId = Number(lines[y]![x]);
      const i = y * width + x;
      data[axis === 'first' ? classId * height * width + i : 3 * i + classId] = 8;
    }
  return { dims: axis === 'first' ? [1, 3, height, width] : [1, height, width, 3], data };
}

function headOf(axis: 'first' | 'last' | 'none'): OutputContract {
  return {
    family: 'test',
    outputs: [{ tensors: ['map'], axis, values: axis === 'none' ? 1 : 3 }],
    scores: { output: 0, at: 0, ...(axis === 'none' ? {} : { activation: 'softmax' as const }) },
    ...(axis === 'none' ? { classes: { output: 0, at: 0 } } : {}),
    map: true,
  };
}

function run(
  axis: 'first' | 'last' | 'none',
  output: { readonly dims: readonly number[]; readonly data: Float32Array },
  classes: readonly string[] = [],
): readonly Detection[] {
  return new Postprocessor({ input, output: headOf(axis) }, labels).run(
    [{ name: 'map', ...output }],
    letterboxGeometry(input, frame.width, frame.height),
    frame,
    { ...settings, classes },
  ).detections;
}

const lines = ['0000', '0110', '0112'];

describe('A map of classes', () => {
  it.each(['first', 'last'] as const)(
    'gives one detection per class, with its places: classes %s',
    (axis) => {
      const found = run(axis, logits(lines, axis));
      expect(found.map(({ label }) => label).sort()).toEqual(['car', 'ground', 'person']);
      const car = found.find(({ label }) => label === 'car')!;
      // A cell is 20 x 13.3 pixels of the frame.
      expect(car.box).toMatchObject({ x1: 20, x2: 60, y2: 40 });
      expect(car.score).toBeCloseTo(1 / (1 + 2 * Math.exp(-8)), 6);
      expect([...car.mask!.values]).toEqual([255, 255, 255, 255]);
    },
  );

  it('may come as class numbers, also beyond the labels', () => {
    const data = Float32Array.from([...lines.join('')].map(Number));
    data[0] = 77;
    for (const dims of [
      [1, 3, 4],
      [1, 1, 3, 4],
    ]) {
      const found = run('none', { dims, data });
      expect(found.map(({ label, score }) => [label, score])).toHaveLength(3);
      expect(found.find(({ label }) => label === 'ground')!.mask!.values[0]).toBe(0);
    }
  });

  it('leaves out what is not wanted, and places that are no numbers', () => {
    expect(run('first', logits(lines, 'first'), ['person']).map(({ label }) => label)).toEqual(['person']);
    const { dims, data } = logits(lines, 'first');
    data.fill(Number.NaN);
    expect(run('first', { dims, data })).toEqual([]);
  });

  it('is refused where it has no lines', () => {
    expect(() => run('first', { dims: [1, 3, 12], data: new Float32Array(36) })).toThrow(/no map/);
  });
});

describe('The mean IoU', () => {
  it('is over all pictures together, and leaves out what is not judged', () => {
    const counter = new MeanIouCounter(3);
    const found = run('first', logits(lines, 'first'));
    const truth = new Uint8Array(80 * 40).fill(255);
    // Right: 20 x 10 of ground; wrong: ground where there is a car.
    for (let y = 0; y < 10; y++) truth.fill(0, y * 80, y * 80 + 20);
    for (let y = 0; y < 10; y++) truth.fill(1, y * 80 + 20, y * 80 + 40);
    counter.add(truth, 80, found);
    expect(counter.result.pixelAccuracy).toBe(0.5);
    expect(counter.result.perClass).toEqual([
      { classId: 0, pixels: 200, iou: 0.5 },
      { classId: 1, pixels: 200, iou: 0 },
    ]);
    expect(counter.result.miou).toBe(0.25);
    expect(() => counter.add(new Uint8Array([9]), 1, [])).toThrow(RangeError);
    expect(new MeanIouCounter(2).result).toMatchObject({ miou: 0, pixelAccuracy: 0 });
  });
});
