import type { Head, InputContract } from '../../model/index.ts';
import type { Keypoint } from '../detection.ts';
import { cellAt, noCell, type RowView, type Segment, sideOf } from './head-rows.ts';

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
    const [first, second] = [data[from]!, data[from + valueStep]!];
    const turned = keypoints.order === 'yx';
    const point = { x: (turned ? second : first) * x + left, y: (turned ? first : second) * y + top };
    return keypoints.values === 2 ? point : { ...point, score: data[from + 2 * valueStep]! };
  });
}

/** The points of a figure whose places along both axes are rows of values (Li et al., 2022), as MMPose reads them. */
export function simccPoints(
  { x, y }: NonNullable<Head['simcc']>,
  { outputs }: Pick<Head, 'outputs'>,
  input: Pick<InputContract, 'width' | 'height'>,
  { rows, views }: Segment,
): Keypoint[] {
  const acrossWidth = peaks(views[x]!, outputs[x]!.values, input.width);
  const acrossHeight = peaks(views[y]!, outputs[y]!.values, input.height);
  return Array.from({ length: rows }, (_, k) => {
    const [a, b] = [acrossWidth(k), acrossHeight(k)];
    return { x: a.place, y: b.place, score: Math.min(1, a.score, b.score) };
  });
}

/** Where the largest value of a row is, in pixels of a side; what is no number is passed over. */
function peaks({ data, start, rowStep, valueStep }: RowView, values: number, side: number) {
  return (row: number): { readonly place: number; readonly score: number } => {
    let [best, score] = [0, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < values; i++) {
      const value = data[start + row * rowStep + i * valueStep]!;
      if (value > score) [best, score] = [i, value];
    }
    return { place: (best * side) / values, score };
  };
}
