/**
 * Distribution of values in a known range as counts of equal bins: fixed memory, and it can fade, which rank-based
 * sketches can't. Values outside the range count in the end bins.
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
}
