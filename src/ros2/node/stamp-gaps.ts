/** Intervals that the camera's period is worked out from. */
const remembered = 32;
const leastIntervals = 8;
/** A longer silence is a camera that rested, not pictures that were lost. */
const longestGapNs = 2_000_000_000n;

/**
 * How many pictures are missing, by the stamps of those that came: an estimate, for middlewares that don't count. A gap is
 * an interval of more than one and a half periods; the period is that of the shorter intervals, since many may be lost. A
 * camera that changes its rate is misjudged for as long as the intervals of before are remembered.
 */
export class StampGaps {
  readonly #intervals: number[] = [];
  #lastNs: bigint | undefined;
  #missing = 0;

  get missing(): number {
    return this.#missing;
  }

  /** Stamps in the order of their pictures; one that is not later begins anew. */
  add(stampNs: bigint): void {
    const last = this.#lastNs;
    this.#lastNs = stampNs;
    if (last === undefined || stampNs <= last || stampNs - last > longestGapNs) return;
    const interval = Number(stampNs - last);
    const period = periodOf(this.#intervals);
    if (period !== undefined && interval > 1.5 * period) this.#missing += Math.round(interval / period) - 1;
    this.#intervals.push(interval);
    if (this.#intervals.length > remembered) this.#intervals.shift();
  }
}

function periodOf(intervals: readonly number[]): number | undefined {
  if (intervals.length < leastIntervals) return undefined;
  const sorted = [...intervals].sort((a, b) => a - b);
  const short = sorted[Math.floor(sorted.length / 5)] ?? 0;
  const whole = sorted.filter((interval) => interval < 1.75 * short);
  return whole.reduce((sum, interval) => sum + interval, 0) / whole.length;
}
