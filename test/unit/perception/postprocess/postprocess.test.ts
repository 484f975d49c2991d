import { describe, expect, it } from 'vitest';
import type { InputContract } from '../../../../src/model/index.ts';
import {
  defaultDetectionSettings,
  letterboxGeometry,
  Postprocessor,
} from '../../../../src/perception/index.ts';
import { headOf } from '../../../fixtures/head.ts';

const input: InputContract = {
  tensor: 'images',
  width: 64,
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
const labels = ['car', 'person'];
const frame = { width: 128, height: 64 };
const geometry = letterboxGeometry(input, frame.width, frame.height); // scale 0.5, 16 rows of pad above
const processor = () => new Postprocessor({ input, output: headOf('yolov5', 2, { tensor: 'out' }) }, labels);
const outputs = (rows: number[][]) => [
  { name: 'out', dims: [1, rows.length, 7], data: Float32Array.from(rows.flat()) },
];

describe('Postprocessor', () => {
  it('maps boxes back into the frame, clips them there and names their class', () => {
    const result = processor().run(
      outputs([
        [32, 32, 16, 8, 1, 0, 0.5],
        [60, 20, 20, 20, 1, 0.9, 0],
      ]),
      geometry,
      frame,
      defaultDetectionSettings,
    );
    expect(result.detections).toEqual([
      { classId: 0, label: 'car', score: expect.closeTo(0.9, 5), box: { x1: 100, y1: 0, x2: 128, y2: 28 } },
      { classId: 1, label: 'person', score: 0.5, box: { x1: 48, y1: 24, x2: 80, y2: 40 } },
    ]);
  });

  it('leaves out a box that lies wholly in the pad', () => {
    const result = processor().run(
      outputs([[32, 5, 10, 8, 1, 1, 0]]),
      geometry,
      frame,
      defaultDetectionSettings,
    );
    expect(result.detections).toEqual([]);
    expect(result.candidates).toBe(1);
  });

  it('keeps every box of a network that chose them itself, up to the most that is wanted', () => {
    const rows = [
      [20, 28, 40, 38, 0.9, 0],
      [20, 28, 40, 38, 0.8, 0],
      [20, 28, 41, 38, 0.7, 0],
    ];
    const data = Float32Array.from(rows.flat());
    const seen = (maxDetections: number) =>
      new Postprocessor({ input, output: headOf('yolov10', 2, { tensor: 'out' }) }, labels)
        .run([{ name: 'out', dims: [1, 3, 6], data }], geometry, frame, {
          ...defaultDetectionSettings,
          iouThreshold: 0,
          maxDetections,
        })
        .detections.map(({ score }) => Math.round(score * 10));
    expect(seen(300)).toEqual([9, 8, 7]);
    expect(seen(2)).toEqual([9, 8]);
  });

  it('follows changed settings from one frame to the next', () => {
    const run = processor();
    const rows = outputs([
      [20, 32, 8, 8, 1, 0.9, 0],
      [44, 32, 8, 8, 1, 0, 0.6],
    ]);
    const seen = (settings: Partial<typeof defaultDetectionSettings>) =>
      run
        .run(rows, geometry, frame, { ...defaultDetectionSettings, ...settings })
        .detections.map(({ label }) => label);
    expect(seen({})).toEqual(['car', 'person']);
    expect(seen({ classes: ['person'] })).toEqual(['person']);
    expect(seen({ classes: ['unicorn'] })).toEqual([]);
    expect(seen({ scoreThreshold: 0.7 })).toEqual(['car']);
    expect(seen({ maxDetections: 1 })).toEqual(['car']);
    expect(seen({})).toEqual(['car', 'person']);
  });
});
