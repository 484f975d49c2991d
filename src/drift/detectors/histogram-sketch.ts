/**
 * Distribution of values in a known range as counts of equal bins: fixed memory, mergeable, and it can fade, which
 * rank-based sketches can't. A quantile is exact to one bin; values outside the range count in the end bins.
 */
export class HistogramSketch {
  readonly low: number;
  readonly high: number;
  readonly bins: Float64Array;
  total = 0;

  constructor(low: number, high: number, bins = 64) {
    this.low = low;
    this.high = high;
    this.bins = new Float64Array(bins);
  }

  /** NaN is left out. */
  add(value: number, weight = 1): void {
    if (Number.isNaN(value)) return;
    const at = Math.floor(((value - this.low) / (this.high - this.low)) * this.bins.length);
    this.bins[Math.min(this.bins.length - 1, Math.max(0, at))]! += weight;
    this.total += weight;
  }

  /** All counts times `factor`: older values fade. */
  fade(factor: number): void {
    for (let i = 0; i < this.bins.length; i++) this.bins[i]! *= factor;
    this.total *= factor;
  }

  clear(): void {
    this.bins.fill(0);
    this.total = 0;
  }

  /** Value below which the share `q` lies, linear within its bin; NaN where empty. */
  quantile(q: number): number {
    if (this.total <= 0) return Number.NaN;
    const width = (this.high - this.low) / this.bins.length;
    let below = 0;
    for (const [i, count] of this.bins.entries()) {
      if (count > 0 && below + count >= q * this.total) {
        return this.low + width * (i + Math.max(0, q * this.total - below) / count);
      }
      below += count;
    }
    return this.high;
  }
}
