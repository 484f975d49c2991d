import type { Head, InputContract } from '../../model/index.ts';
import type { DepthMap } from '../detection.ts';
import { transformed } from './head-boxes.ts';
import type { Segment } from './head-rows.ts';

/** Of every place; NaN where it is not finite, or no distance. `columns`: places in a line. */
export function depthOf(
  { output, at, gives, value }: NonNullable<Head['depth']>,
  input: Pick<InputContract, 'width' | 'height'>,
  { rows: places, views }: Segment,
  columns: number,
): DepthMap {
  const rows = places / columns;
  const { data, start, rowStep, valueStep } = views[output]!;
  const from = start + at * valueStep;
  const values = new Float32Array(places);
  for (let i = 0; i < places; i++) {
    values[i] = transformed(data[from + i * rowStep]!, value);
    const is = values[i]!;
    if (!Number.isFinite(is) || (gives === 'metres' && is <= 0)) values[i] = Number.NaN;
  }
  const [cellWidth, cellHeight] = [input.width / columns, input.height / rows];
  return { x: 0, y: 0, cellWidth, cellHeight, columns, rows, gives, values };
}
