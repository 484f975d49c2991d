import {
  cellsOf,
  type Head,
  type HeadBoxes,
  type HeadOutput,
  type HeadScores,
  mainOutputOf,
  rowsOfStride,
} from '../../model/index.ts';
import type { OutputTensor } from './output-tensor.ts';

/** The values of one output, row by row: value k of row i is `data[start + i * rowStep + k * valueStep]`. */
export interface RowView {
  readonly data: Float32Array;
  readonly start: number;
  readonly rowStep: number;
  readonly valueStep: number;
}

/** Rows that belong together: all, or those of one stride of the grid. `views`: per output of the head. */
export interface Segment {
  readonly rows: number;
  /** Rows of the segments before. */
  readonly base: number;
  /** Index of the stride; undefined: no grid. */
  readonly level: number | undefined;
  readonly views: readonly RowView[];
}

type Size = { readonly width: number; readonly height: number };

/** Rows in a tensor of this shape, or undefined where it doesn't have the shape of such an output. Sides of 0 are not known: NaN. */
export function rowCount(
  { axis, values, unbatched }: HeadOutput,
  dims: readonly number[],
): number | undefined {
  const [batch, ...sides] = unbatched === true ? [1, ...dims] : dims;
  if (batch === undefined || batch > 1) return undefined;
  if (axis === 'all') {
    const all = sides.reduce((product, side) => product * side, 1);
    return all === 0 || all === values ? 1 : undefined;
  }
  let own = sides;
  if (axis !== 'none') {
    if (sides.length === 0) return undefined;
    const side = axis === 'last' ? sides.at(-1)! : sides[0]!;
    if (side !== 0 && side !== values) return undefined;
    own = axis === 'last' ? sides.slice(0, -1) : sides.slice(1);
  }
  return own.reduce((count, side) => count * (side === 0 ? Number.NaN : side), 1);
}

/** The segments of one run. Shapes have passed `problemOf`. */
export function segmentsOf(
  head: Head,
  input: Size,
  tensorOf: (name: string) => OutputTensor,
): readonly Segment[] {
  const { grid, outputs } = head;
  const sizes =
    grid === undefined
      ? [rowsWithout(head, tensorOf)]
      : grid.strides.map((_, level) => rowsOfStride(grid, level, input));
  let base = 0;
  return sizes.map((rows, level) => {
    const before = base;
    const views = outputs.map((output): RowView => {
      const own = output.tensors.length > 1;
      const tensor = tensorOf(output.tensors[own ? level : 0]!);
      const first = own ? 0 : base;
      const { data } = tensor;
      if (output.axis === 'last' || output.axis === 'all') {
        const { values } = output;
        return { data, start: first * values, rowStep: values, valueStep: 1 };
      }
      const all = output.axis === 'none' ? 0 : data.length / output.values;
      return { data, start: first, rowStep: 1, valueStep: all };
    });
    base += rows;
    return { rows, base: before, level: grid === undefined ? undefined : level, views };
  });
}

/** Without a grid the main output says how many rows there are. */
function rowsWithout(head: Head, tensorOf: (name: string) => OutputTensor): number {
  const output = head.outputs[mainOutputOf(head)]!;
  return rowCount(output, tensorOf(output.tensors[0]!).dims) ?? 0;
}

/** The point and the anchor of a row. */
export interface Cell {
  readonly stride: number;
  /** In cells, with the offset. */
  readonly x: number;
  readonly y: number;
  readonly anchorWidth: number;
  readonly anchorHeight: number;
}

/** Of heads that have none, which are never asked for theirs. */
export const noScores: HeadScores = { output: 0, at: 0 };

/** Of heads without a grid. */
export const noCell: Cell = { stride: 1, x: 0, y: 0, anchorWidth: 1, anchorHeight: 1 };

/** Pixels of the input in one unit, along the axis with this side of the input and of the anchor. */
export function sideOf(unit: HeadBoxes['unit'], { stride }: Cell, side: number, anchor: number): number {
  if (unit === 'pixels') return 1;
  if (unit === 'fraction') return side;
  return unit === 'cells' ? stride : anchor;
}

/** Of row `row` of a segment. */
export function cellAt(grid: NonNullable<Head['grid']>, level: number, row: number, input: Size): Cell {
  const stride = grid.strides[level]!;
  const anchors = grid.anchors?.[level];
  const perCell = anchors?.length ?? 1;
  const cells = cellsOf(input, stride);
  const byAnchor = grid.order === 'anchors';
  const cell = byAnchor ? row % cells : Math.floor(row / perCell);
  const anchor = anchors?.[byAnchor ? Math.floor(row / cells) : row % perCell];
  const columns = Math.ceil(input.width / stride);
  const offset = grid.offset ?? 0;
  return {
    stride,
    x: (cell % columns) + offset,
    y: Math.floor(cell / columns) + offset,
    anchorWidth: anchor?.[0] ?? stride,
    anchorHeight: anchor?.[1] ?? stride,
  };
}
