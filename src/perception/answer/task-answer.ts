import { type Answer, type Detection, defaultDetectionSettings } from '../detection.ts';

/** What one task says of a frame in a few numbers: see `Answer`. */
export interface TaskAnswer {
  readonly names: Answer['names'];
  readonly measure: (
    found: readonly Detection[],
    picture: { readonly width: number; readonly height: number },
  ) => Omit<Answer, 'names'>;
}

/** Findings that are measured at most, the strongest: frames wait for it. */
const mostMeasured = 32;

/** What is weaker is there for trackers alone. */
export function believed(found: readonly Detection[]): readonly Detection[] {
  return found.filter(({ score }) => score >= defaultDetectionSettings.scoreThreshold).slice(0, mostMeasured);
}

/** Place by place over rows of equal length; what is NaN is left out. */
export function meanRow(rows: readonly (readonly number[])[], length: number): number[] {
  return Array.from({ length }, (_, i) =>
    mean(rows.flatMap((row) => (Number.isNaN(row[i]!) ? [] : [row[i]!]))),
  );
}

/** NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Near 0 and 1, where the scores of most models are, a small step says as much as a large one between. */
export function logOdds(score: number): number {
  const p = Math.min(0.999, Math.max(0.001, score));
  return Math.log(p / (1 - p));
}

/** A step through so many cells that looks at about `most` of them, and in every column. */
export function strideOf(cells: number, columns: number, most: number): number {
  let stride = Math.max(1, Math.ceil(cells / most));
  while (stride > 1 && divisor(stride, columns) > 1) stride++;
  return stride;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
