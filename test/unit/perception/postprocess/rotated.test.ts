import { describe, expect, it } from 'vitest';
import type { InputContract, OutputContract } from '../../../../src/model/index.ts';
import {
  cornersOf,
  type Detection,
  letterboxGeometry,
  Postprocessor,
} from '../../../../src/perception/index.ts';

/** Centre, size, score, angle. */
type Row = readonly [cx: number, cy: number, width: number, height: number, score: number, angle: number];

const input: InputContract = {
  ...{ tensor: 'images', width: 100, height: 100, layout: 'nchw', dtype: 'float32', colorOrder: 'rgb' },
  ...{ scale: 1, mean: [0, 0, 0], std: [1, 1, 1], fit: 'center', pad: 114 },
};

function found(
  rows: readonly Row[],
  iouThreshold = 0.45,
  more: Partial<InputContract> = {},
): readonly Detection[] {
  const output: OutputContract = {
    ...{ family: 'obb', outputs: [{ tensors: ['out'], axis: 'last', values: 6 }] },
    boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'pixels' },
    ...{ scores: { output: 0, at: 4 }, angle: { output: 0, at: 5 } },
  };
  const contracts = { input: { ...input, ...more }, output };
  const frame = { width: 200, height: 200 };
  return new Postprocessor(contracts, ['ship']).run(
    [{ name: 'out', dims: [1, rows.length, 6], data: Float32Array.from(rows.flat()) }],
    letterboxGeometry(contracts.input, frame.width, frame.height),
    frame,
    { scoreThreshold: 0.1, iouThreshold, maxDetections: 100, classes: [] },
  ).detections;
}

const angle = Math.PI / 6;

describe('A rotated box', () => {
  it('has its upright hull for a box, clipped to the frame', () => {
    const [ship] = found([[50, 50, 40, 10, 0.9, angle]]);
    expect(ship?.rotated).toMatchObject({ cx: 100, cy: 100, width: 80, height: 20 });
    expect(ship?.rotated?.angle).toBeCloseTo(angle, 6);
    const [x, y] = [40 * Math.cos(angle) + 10 * Math.sin(angle), 40 * Math.sin(angle) + 10 * Math.cos(angle)];
    expect(ship?.box.x1).toBeCloseTo(100 - x, 4);
    expect(ship?.box.y2).toBeCloseTo(100 + y, 4);
    const [edge] = found([[2, 50, 40, 10, 0.9, angle]]);
    expect(edge?.box.x1).toBe(0);
    expect(edge?.rotated?.cx).toBe(4);
  });

  it('is turned with a picture whose sides are scaled differently', () => {
    const [ship] = found([[50, 25, 40, 10, 0.9, Math.PI / 4]], 0.45, { fit: 'stretch', height: 50 });
    // Twice as high in the frame: its width points further down.
    expect(ship?.rotated?.angle).toBeCloseTo(Math.atan2(2, 1), 6);
    expect(ship?.rotated?.width).toBeCloseTo(40 * Math.hypot(Math.SQRT1_2 * 2, Math.SQRT1_2 * 4), 4);
  });

  it('is suppressed by one that lies as it does, and by none that crosses it', () => {
    const one: Row = [50, 50, 60, 8, 0.9, angle];
    const like: Row = [51, 50, 60, 8, 0.8, angle + 0.02];
    const across: Row = [50, 50, 60, 8, 0.7, angle + Math.PI / 2];
    // The same box, named by its other side.
    const other: Row = [50, 50, 8, 60, 0.6, angle + Math.PI / 2];
    expect(found([one, like, across, other]).map(({ score }) => Number(score.toFixed(1)))).toEqual([
      0.9, 0.7,
    ]);
  });

  it.each([
    // ultralytics/ultralytics utils/metrics.py probiou, computed with numpy for these pairs.
    [[50, 50, 40, 20, 0.8, 0] as const, 0.8056],
    [[50, 50, 40, 20, 0.8, 0.5] as const, 0.7411],
  ])('overlaps by its ProbIoU: %j', (second, overlap) => {
    const first: Row = [45, 48, 40, 20, 0.9, 0.1];
    expect(found([first, second], overlap - 0.002)).toHaveLength(1);
    expect(found([first, second], overlap + 0.002)).toHaveLength(2);
  });

  it('with a broken angle is lost, and takes no other away', () => {
    const boxes = found([
      [50, 50, 40, 10, 0.9, Number.NaN],
      [50, 50, 40, 10, 0.8, 0],
    ]);
    expect(boxes.map(({ score }) => score)).toEqual([expect.closeTo(0.8)]);
  });

  it('has four corners in their order', () => {
    const corners = cornersOf({ cx: 10, cy: 10, width: 4, height: 2, angle: Math.PI / 2 });
    expect(corners.map((value) => Number(value.toFixed(6)))).toEqual([11, 8, 11, 12, 9, 12, 9, 8]);
  });
});
