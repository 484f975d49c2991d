/*
 * Exponential histogram of the OpenTelemetry data model at scale 3: bucket i holds values in (2^(i/8), 2^((i+1)/8)].
 * Every histogram has the same edges, so counts of cameras, batches and devices add up without loss.
 */

/** As it travels and is stored: [index, count] by rising index, and what has no bucket. */
export interface HistogramCounts {
  readonly buckets: [index: number, count: number][];
  /** Values at or below zero. */
  readonly zeros: number;
  readonly sum: number;
}

/** Counts as they travel, or another histogram. */
interface Addend extends Pick<HistogramCounts, 'zeros' | 'sum'> {
  readonly buckets: Iterable<readonly [index: number, count: number]>;
}

/** Buckets per doubling. */
const perDoubling = 8;
/** 2^-32 .. 2^32 in 512 buckets; values outside count in the outermost one. */
export const lowestIndex = -256;
export const highestIndex = 255;

/** Upper edge of bucket `index`; the lower one is that of `index - 1`. */
export function upperEdge(index: number): number {
  return 2 ** ((index + 1) / perDoubling);
}

/** Bucket of a positive value. */
export function bucketOf(value: number): number {
  let index = Math.ceil(Math.log2(value) * perDoubling) - 1;
  // The logarithm is off by one unit in the last place at times; the edges decide.
  if (value > upperEdge(index)) index++;
  else if (value <= upperEdge(index - 1)) index--;
  return Math.min(highestIndex, Math.max(lowestIndex, index));
}

export class ExponentialHistogram {
  /** Counts by bucket. */
  readonly buckets = new Map<number, number>();
  zeros = 0;
  sum = 0;
  /** Of all values. */
  count = 0;

  static of(...parts: readonly Addend[]): ExponentialHistogram {
    const histogram = new ExponentialHistogram();
    for (const part of parts) histogram.add(part);
    return histogram;
  }

  /** NaN and infinities are no measurements and are left out. */
  record(value: number): void {
    if (!Number.isFinite(value)) return;
    this.count++;
    if (value <= 0) {
      this.zeros++;
      return;
    }
    this.sum += value;
    const index = bucketOf(value);
    this.buckets.set(index, (this.buckets.get(index) ?? 0) + 1);
  }

  add({ buckets, zeros, sum }: Addend): void {
    for (const [index, count] of buckets) {
      this.buckets.set(index, (this.buckets.get(index) ?? 0) + count);
      this.count += count;
    }
    this.zeros += zeros;
    this.count += zeros;
    this.sum += sum;
  }

  counts(): HistogramCounts {
    const buckets = [...this.buckets].sort(([a], [b]) => a - b);
    return { buckets, zeros: this.zeros, sum: this.sum };
  }

  clear(): void {
    this.buckets.clear();
    this.zeros = 0;
    this.sum = 0;
    this.count = 0;
  }

  /**
   * Value below which the share `q` (0..1) lies, or undefined when empty. It is found within its bucket by geometric
   * interpolation and is never further than one bucket, 2^(1/8) or 9 %, from the true one (values within 2^-32 .. 2^32).
   */
  quantile(q: number): number | undefined {
    if (this.count === 0) return undefined;
    const rank = q * this.count;
    if (this.zeros > 0 && rank <= this.zeros) return 0;
    let below = this.zeros;
    let last = 0;
    for (const [index, count] of this.counts().buckets) {
      if (count > 0 && rank <= below + count) return 2 ** ((index + (rank - below) / count) / perDoubling);
      below += count;
      last = upperEdge(index);
    }
    return last;
  }

  /** How many values are at most `edge`; exact where the edge is a bucket's own. */
  countAtMost(edge: number): number {
    let count = this.zeros;
    for (const [index, inBucket] of this.buckets)
      if (upperEdge(index) <= edge * (1 + 1e-9)) count += inBucket;
    return count;
  }
}
