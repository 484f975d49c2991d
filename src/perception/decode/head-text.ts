import type { Head } from '../../model/index.ts';
import { bestClass } from './best-class.ts';
import type { Segment } from './head-rows.ts';

/** What a line says: labels in their order, and how sure the network is of them, as a mean. */
export interface ReadLine {
  readonly labels: readonly number[];
  readonly score: number;
  /** Steps whose values are no numbers. */
  readonly invalid: number;
}

/**
 * The likeliest label of each step, where it is not that of the step before, without the blanks (CTC, read greedily, as PP-OCR's
 * CTCLabelDecode).
 */
export function readLine(
  { output, at, blank, activation }: NonNullable<Head['text']>,
  classCount: number,
  { rows, views }: Segment,
): ReadLine {
  const { data, start, rowStep, valueStep } = views[output]!;
  const values = classCount + 1;
  const none = blank === 'first' ? 0 : classCount;
  const labels: number[] = [];
  let before = -1;
  let sum = 0;
  let invalid = 0;
  for (let step = 0; step < rows; step++) {
    const from = start + step * rowStep + at * valueStep;
    const best = bestClass(data, from, valueStep, values);
    const top = data[from + best * valueStep]!;
    if (!Number.isFinite(top)) {
      invalid += 1;
      continue;
    }
    const isNew = best !== before && best !== none;
    before = best;
    if (!isNew) continue;
    labels.push(blank === 'first' ? best - 1 : best);
    sum += activation === undefined ? top : 1 / sumOf(data, from, valueStep, values, top);
  }
  return { labels, score: labels.length === 0 ? 0 : sum / labels.length, invalid };
}

function sumOf(data: Float32Array, from: number, step: number, count: number, top: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.exp(data[from + i * step]! - top);
  return sum;
}
