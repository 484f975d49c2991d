import type { Head, InputContract } from '../../model/index.ts';
import type { Box, Mask } from '../detection.ts';
import type { Segment } from './head-rows.ts';
import type { OutputTensor } from './output-tensor.ts';

/**
 * The mask of one row within its box, both in pixels of the input, YOLACT's way (Bolya et al., 2019): the sum of the prototypes, each times
 * its value of the row, through a sigmoid. A box outside of the input has no cells: undefined.
 */
export function maskOf(
  masks: NonNullable<Head['masks']>,
  input: Pick<InputContract, 'width' | 'height'>,
  segments: readonly Segment[],
  prototypes: OutputTensor,
  row: number,
  box: Box,
): Mask | undefined {
  const segment = segments.findLast(({ base }) => base <= row)!;
  const { data, start, rowStep, valueStep } = segment.views[masks.output]!;
  const at = start + (row - segment.base) * rowStep + masks.at * valueStep;
  const [, count = 0, height = 0, width = 0] = prototypes.dims;
  const cellWidth = input.width / width;
  const cellHeight = input.height / height;
  const left = Math.max(0, Math.floor(box.x1 / cellWidth));
  const top = Math.max(0, Math.floor(box.y1 / cellHeight));
  const right = Math.min(width, Math.ceil(box.x2 / cellWidth));
  const bottom = Math.min(height, Math.ceil(box.y2 / cellHeight));
  const columns = right - left;
  const rows = bottom - top;
  if (!(columns > 0 && rows > 0)) return undefined;
  const sums = new Float64Array(columns * rows);
  for (let k = 0; k < count; k++) {
    const weight = data[at + k * valueStep]!;
    for (let y = 0; y < rows; y++) {
      const from = (k * height + top + y) * width + left;
      const to = y * columns;
      for (let x = 0; x < columns; x++) sums[to + x]! += weight * prototypes.data[from + x]!;
    }
  }
  // Rounded half up, as C++ does it; a NaN becomes 0.
  const values = Uint8Array.from(sums, (sum) => Math.floor(255 / (1 + Math.exp(-sum)) + 0.5));
  return { x: left * cellWidth, y: top * cellHeight, cellWidth, cellHeight, columns, rows, values };
}
