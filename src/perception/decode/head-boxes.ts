import type { Head, HeadBoxes, Transform } from '../../model/index.ts';
import type { Candidates } from './candidates.ts';
import { cellAt, noCell, type RowView, type Segment, sideOf } from './head-rows.ts';
import { sigmoid } from './sigmoid.ts';

type Size = { readonly width: number; readonly height: number };

/** Adds the box of row `row` to `into`, in pixels of the input. A head without boxes speaks of the whole picture. */
export function addBox(
  head: Head,
  input: Size,
  segment: Segment,
  row: number,
  classId: number,
  score: number,
  into: Candidates,
): void {
  const { boxes, grid } = head;
  into.row = segment.base + row;
  if (boxes === undefined) {
    into.add(classId, score, 0, 0, input.width, input.height);
    return;
  }
  const cell =
    grid === undefined || segment.level === undefined ? noCell : cellAt(grid, segment.level, row, input);
  const view = segment.views[boxes.output]!;
  const a = boxValue(boxes, view, row, 0);
  const b = boxValue(boxes, view, row, 1);
  const c = boxValue(boxes, view, row, 2);
  const d = boxValue(boxes, view, row, 3);
  const { format, unit } = boxes;
  const x = sideOf(unit, cell, input.width, cell.anchorWidth);
  const y = sideOf(unit, cell, input.height, cell.anchorHeight);
  if (format === 'xyxy') into.add(classId, score, a * x, b * y, c * x, d * y);
  else if (format === 'yxyx') into.add(classId, score, b * x, a * y, d * x, c * y);
  else if (format === 'ltrb') {
    const px = cell.x * cell.stride;
    const py = cell.y * cell.stride;
    into.add(classId, score, px - a * x, py - b * y, px + c * x, py + d * y);
  } else {
    const sizeUnit = boxes.sizeUnit ?? unit;
    const px = boxes.relative === true ? cell.x * cell.stride : 0;
    const py = boxes.relative === true ? cell.y * cell.stride : 0;
    into.addCentred(
      classId,
      score,
      transformed(a, boxes.centre) * x + px,
      transformed(b, boxes.centre) * y + py,
      transformed(c, boxes.size) * sideOf(sizeUnit, cell, input.width, cell.anchorWidth),
      transformed(d, boxes.size) * sideOf(sizeUnit, cell, input.height, cell.anchorHeight),
    );
  }
}

/** Value `which` of a box, the mean of its distribution where it is one. */
function boxValue({ at, bins }: HeadBoxes, view: RowView, row: number, which: number): number {
  const { data, start, rowStep, valueStep } = view;
  const base = start + row * rowStep;
  if (bins === undefined) return data[base + (at + which) * valueStep]!;
  const from = base + (at + which * bins) * valueStep;
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < bins; k++) top = Math.max(top, data[from + k * valueStep]!);
  let sum = 0;
  let mean = 0;
  for (let k = 0; k < bins; k++) {
    const weight = Math.exp(data[from + k * valueStep]! - top);
    sum += weight;
    mean += weight * k;
  }
  return mean / sum;
}

export function transformed(raw: number, transform: Transform | undefined): number {
  if (transform === undefined) return raw;
  const { gain = 1, activation, scale = 1, bias = 0, power = 1 } = transform;
  let value = raw * gain;
  if (activation === 'sigmoid') value = sigmoid(value);
  else if (activation === 'tanh') value = Math.tanh(value);
  else if (activation === 'exp') value = Math.exp(value);
  value = value * scale + bias;
  return power === 1 ? value : value ** power;
}
