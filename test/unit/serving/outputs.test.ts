import { describe, expect, it } from 'vitest';
import type { ModelTask } from '../../../src/model/index.ts';
import type { Detection } from '../../../src/perception/index.ts';
import { metadataOf } from '../../../src/serving/metadata.ts';
import { outputsOf } from '../../../src/serving/outputs.ts';
import { rawBytes } from '../../../src/serving/tensor.ts';
import { car } from '../perception/fakes.ts';
import { streetIdentity } from './served.ts';

const picture = { width: 4, height: 2 };
const mask = {
  ...{ x: 0, y: 0, cellWidth: 1, cellHeight: 1, columns: 2, rows: 2 },
  values: Uint8Array.of(255, 0, 255, 255),
};
const full: Detection = {
  ...{ classId: 1, label: 'person', score: 0.5, box: { x1: 0, y1: 0, x2: 2, y2: 2 }, mask },
  keypoints: [
    { x: 1, y: 2 },
    { x: 3, y: 4, score: 0.25 },
  ],
  rotated: { cx: 1, cy: 1, width: 2, height: 1, angle: 0.5 },
  depth: {
    ...{ x: 0, y: 0, cellWidth: 2, cellHeight: 2, columns: 2, rows: 1, gives: 'metres' },
    values: Float32Array.of(1, Number.NaN),
  },
};
const made = (task: ModelTask, name: string, found: readonly Detection[] = [full]) =>
  outputsOf[task].find((output) => output.name === name)!.make(found, picture);

describe('What a model answers', () => {
  it.each(Object.keys(outputsOf) as ModelTask[])('of the task %s fits what its metadata says', (task) => {
    const told = metadataOf({ ...streetIdentity, task }).outputs;
    for (const found of [[], [full], [full, full]])
      for (const [at, output] of outputsOf[task].entries()) {
        const { name, datatype, shape, values } = output.make(found, picture);
        expect({ name, datatype }).toEqual({ name: told[at]!.name, datatype: told[at]!.datatype });
        expect(shape).toHaveLength(told[at]!.shape.length);
        for (const [axis, side] of told[at]!.shape.entries()) if (side >= 0) expect(shape[axis]).toBe(side);
        expect(values).toHaveLength(shape.reduce((product, side) => product * side, 1));
      }
  });

  it('of masks: the class of each pixel, and outlines', () => {
    expect(made('semantic-segmentation', 'label_map')).toMatchObject({
      shape: [2, 4],
      values: Uint8Array.of(1, 255, 255, 255, 1, 1, 255, 255),
    });
    const [outline] = made('instance-segmentation', 'outlines').values;
    expect(JSON.parse(String(outline))[0].length).toBeGreaterThanOrEqual(6);
  });

  it('of poses: x, y and score, 1 where there is none', () => {
    expect(made('pose', 'keypoints')).toMatchObject({
      shape: [1, 2, 3],
      values: Float32Array.of(1, 2, 1, 3, 4, 0.25),
    });
  });

  it('of rotated boxes and of depth: the numbers of the network', () => {
    expect(made('obb', 'rotated_boxes').values).toEqual(Float32Array.of(1, 1, 2, 1, 0.5));
    expect(made('depth', 'depth')).toMatchObject({ shape: [1, 2], values: Float32Array.of(1, Number.NaN) });
  });

  it('lies in memory as the protocol says', () => {
    expect(rawBytes(made('detection', 'boxes', [car(1)])).byteLength).toBe(16);
    expect(rawBytes(made('detection', 'labels', [{ ...full, label: 'é' }]))).toEqual(
      Uint8Array.of(2, 0, 0, 0, 0xc3, 0xa9),
    );
  });
});
