import type { Head, InputContract } from '../../model/index.ts';
import type { Keypoint } from '../detection.ts';
import { cellAt, noCell, type Segment, sideOf } from './head-rows.ts';

/** The points of one row, in pixels of the input. */
export function keypointsOf(
  head: Head,
  keypoints: NonNullable<Head['keypoints']>,
  input: Pick<InputContract, 'width' | 'height'>,
  segments: readonly Segment[],
  row: number,
): Keypoint[] {
  const segment = segments.findLast(({ base }) => base <= row)!;
  const { data, start, rowStep, valueStep } = segment.views[keypoints.output]!;
  const own = row - segment.base;
  const at = start + own * rowStep + keypoints.at * valueStep;
  const cell =
    head.grid === undefined || segment.level === undefined
      ? noCell
      : cellAt(head.grid, segment.level, own, input);
  const x = sideOf(keypoints.unit, cell, input.width, cell.anchorWidth);
  const y = sideOf(keypoints.unit, cell, input.height, cell.anchorHeight);
  const left = keypoints.relative === true ? cell.x * cell.stride : 0;
  const top = keypoints.relative === true ? cell.y * cell.stride : 0;
  return Array.from({ length: keypoints.count }, (_, k) => {
    const from = at + k * keypoints.values * valueStep;
    const point = { x: data[from]! * x + left, y: data[from + valueStep]! * y + top };
    return keypoints.values === 2 ? point : { ...point, score: data[from + 2 * valueStep]! };
  });
}
