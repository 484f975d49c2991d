import type { Head, HeadScores, InputContract } from '../../model/index.ts';
import type { Mask } from '../detection.ts';
import { bestClass } from './best-class.ts';
import { noScores, type RowView, type Segment } from './head-rows.ts';
import { sigmoid } from './sigmoid.ts';

/** One class of a map: where it is, in pixels of the input. */
export interface ClassRegion {
  readonly classId: number;
  /** Mean over its places of how sure the network is, 0..1. */
  readonly score: number;
  readonly mask: Mask;
}

/** Places whose probability is computed at most: an exponential for every class of every pixel would cost more than the network. */
const mostSamples = 4096;

/**
 * The classes of a map, each with its places, by class. `columns`: places in a line. A place whose values are not finite belongs to
 * none.
 */
export function regionsOf(
  head: Head,
  input: Pick<InputContract, 'width' | 'height'>,
  classCount: number,
  segment: Segment,
  columns: number,
): ClassRegion[] {
  const lines = segment.rows / columns;
  const classes = classesOf(head, classCount, segment);
  const hulls = hullsOf(classes, columns, classCount);
  const scores = scoresOf(head, classCount, segment, classes);
  const [cellWidth, cellHeight] = [input.width / columns, input.height / lines];
  return hulls.flatMap((hull, classId) => {
    if (hull === undefined) return [];
    const { left, top, right, bottom } = hull;
    const width = right - left + 1;
    const values = new Uint8Array(width * (bottom - top + 1));
    for (let y = top; y <= bottom; y++)
      for (let x = left; x <= right; x++)
        if (classes[y * columns + x] === classId) values[(y - top) * width + x - left] = 255;
    const mask = {
      ...{ x: left * cellWidth, y: top * cellHeight, cellWidth, cellHeight },
      ...{ columns: width, rows: bottom - top + 1, values },
    };
    return [{ classId, score: scores[classId]!, mask }];
  });
}

/** Of every place, or -1. */
function classesOf({ scores = noScores, classes }: Head, classCount: number, segment: Segment): Int32Array {
  const found = new Int32Array(segment.rows).fill(-1);
  if (classes !== undefined) {
    const { data, start, rowStep, valueStep } = segment.views[classes.output]!;
    for (let i = 0; i < segment.rows; i++) {
      const id = data[start + i * rowStep + classes.at * valueStep]! - (classes.first ?? 0);
      if (id >= -0.5 && id < classCount - 0.5) found[i] = Math.floor(id + 0.5);
    }
    return found;
  }
  const { data, start, rowStep, valueStep } = segment.views[scores.output]!;
  const from = start + scores.at * valueStep;
  if (valueStep === 1) {
    for (let i = 0; i < segment.rows; i++) {
      const best = bestClass(data, from + i * rowStep, 1, classCount);
      if (Number.isFinite(data[from + i * rowStep + best]!)) found[i] = best;
    }
    return found;
  }
  // Class by class: place by place would miss the cache every time.
  const top = data.slice(from, from + segment.rows);
  found.fill(0);
  for (let c = 1; c < classCount; c++) {
    const base = from + c * valueStep;
    for (let i = 0; i < segment.rows; i++) {
      const value = data[base + i]!;
      if (!(value <= top[i]!) && !Number.isNaN(top[i]!)) {
        top[i] = value;
        found[i] = c;
      }
    }
  }
  for (let i = 0; i < segment.rows; i++) if (!Number.isFinite(top[i]!)) found[i] = -1;
  return found;
}

interface Hull {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

function hullsOf(classes: Int32Array, columns: number, classCount: number): (Hull | undefined)[] {
  const hulls: (Hull | undefined)[] = Array.from({ length: classCount });
  for (let i = 0; i < classes.length; i++) {
    const classId = classes[i]!;
    if (classId < 0) continue;
    const x = i % columns;
    const y = (i - x) / columns;
    const hull = hulls[classId];
    if (hull === undefined) hulls[classId] = { left: x, top: y, right: x, bottom: y };
    else {
      hull.left = Math.min(hull.left, x);
      hull.right = Math.max(hull.right, x);
      hull.bottom = y;
    }
  }
  return hulls;
}

function scoresOf(
  { scores = noScores, classes }: Head,
  classCount: number,
  segment: Segment,
  found: Int32Array,
): Float64Array {
  const sums = new Float64Array(classCount);
  const counts = new Uint32Array(classCount);
  const step = Math.ceil(segment.rows / mostSamples);
  const view = segment.views[scores.output]!;
  const sample = (i: number) => {
    const classId = found[i]!;
    if (classId < 0) return;
    counts[classId]! += 1;
    sums[classId]! += classes === undefined ? scoreAt(view, scores, i, classId, classCount) : 1;
  };
  for (let i = 0; i < segment.rows; i += step) sample(i);
  // A class that lies between all samples.
  for (let i = 0; i < segment.rows; i++) if (found[i]! >= 0 && counts[found[i]!] === 0) sample(i);
  return sums.map((sum, classId) => (counts[classId] === 0 ? 0 : sum / counts[classId]!));
}

function scoreAt(
  { data, start, rowStep, valueStep }: RowView,
  { at, activation }: HeadScores,
  row: number,
  classId: number,
  classCount: number,
): number {
  const from = start + row * rowStep + at * valueStep;
  const own = data[from + classId * valueStep]!;
  if (activation === 'sigmoid') return sigmoid(own);
  if (activation !== 'softmax') return own;
  let sum = 0;
  for (let c = 0; c < classCount; c++) sum += Math.exp(data[from + c * valueStep]! - own);
  return 1 / sum;
}
