import type { HistogramValue } from '../../protocol/index.ts';

/*
 * Exponential histograms of OpenTelemetry, scale 3: bucket i holds values in (2^(i/8), 2^((i+1)/8)]. Counts of any
 * two add up without loss, so quantiles over devices and over time come from the sum of their buckets.
 */

/** Counts that can be added to. */
export interface Histogram {
  readonly buckets: Map<number, number>;
  zeros: number;
  count: number;
  sum: number;
}

export function emptyHistogram(): Histogram {
  return { buckets: new Map(), zeros: 0, count: 0, sum: 0 };
}

export function addHistogramValue(into: Histogram, value: HistogramValue): void {
  for (const [index, count] of value.buckets) {
    into.buckets.set(index, (into.buckets.get(index) ?? 0) + count);
    into.count += count;
  }
  into.zeros += value.zeros;
  into.count += value.zeros;
  into.sum += value.sum;
}

export function addHistogram(into: Histogram, other: Histogram): void {
  for (const [index, count] of other.buckets) into.buckets.set(index, (into.buckets.get(index) ?? 0) + count);
  into.zeros += other.zeros;
  into.count += other.count;
  into.sum += other.sum;
}

/** Upper edge of bucket `index`. */
export const upperEdge = (index: number): number => 2 ** ((index + 1) / 8);

/**
 * Value below which the share `q` (0..1) lies, in the metric's unit; undefined for an empty histogram. Within a bucket
 * it is interpolated geometrically, so the error is below one bucket width (9 %).
 */
export function quantile(histogram: Histogram, q: number): number | undefined {
  if (histogram.count === 0) return undefined;
  const rank = q * histogram.count;
  let below = histogram.zeros;
  if (below > 0 && rank <= below) return 0;
  const indexes = [...histogram.buckets.keys()].sort((a, b) => a - b);
  for (const index of indexes) {
    const count = histogram.buckets.get(index) ?? 0;
    if (count > 0 && rank <= below + count) return 2 ** ((index + (rank - below) / count) / 8);
    below += count;
  }
  const last = indexes.at(-1);
  return last === undefined ? 0 : upperEdge(last);
}

/** How many values are at most `edge`; exact where the edge is a bucket's own. */
export function countAtMost(histogram: Histogram, edge: number): number {
  let count = histogram.zeros;
  for (const [index, inBucket] of histogram.buckets)
    if (upperEdge(index) <= edge * (1 + 1e-9)) count += inBucket;
  return count;
}
