/** Intervals that the camera's period is worked out from. */
const remembered = 32;
const leastIntervals = 8;
/** A longer silence is a camera that rested, not pictures that were lost. */
const longestGapNs = 2_000_000_000n;

/** Of its period: what the intervals of a camera differ by on average before its stamps say nothing of losses. */
const mostUneven = 0.1;
/** Of its period: how far from a whole number of periods a gap may be. */
const gapTolerance = 0.15;

/**
 * How many pictures are missing, by the stamps of those that came: an estimate, for middlewares that don't count. A gap is
 * an interval of two or more periods; the period is that of the shorter intervals, since many may be lost. What a publisher
 * makes of its time is no loss: where it is uneven nothing is counted, nor a late picture that the next one makes up for. A
 * camera that changes its rate is misjudged for as long as the intervals of before are remembered.
 */
export class StampGaps {
  readonly #intervals: number[] = [];
  #lastNs: bigint | undefined;
  #missing = 0;
  /** Of the last interval, until the next one shows that its picture was not only late. */
  #pending = 0;

  get missing(): number {
    return this.#missing;
  }

  /** Stamps in the order of their pictures; one that is not later begins anew. */
  add(stampNs: bigint): void {
    const last = this.#lastNs;
    this.#lastNs = stampNs;
    if (last === undefined || stampNs <= last || stampNs - last > longestGapNs) {
      this.#missing += this.#pending;
      this.#pending = 0;
      return;
    }
    const interval = Number(stampNs - last);
    const period = periodOf(this.#intervals);
    if (period === undefined || interval > 0.7 * period) this.#missing += this.#pending;
    this.#pending = period === undefined ? 0 : missingIn(interval / period);
    this.#intervals.push(interval);
    if (this.#intervals.length > remembered) this.#intervals.shift();
  }
}

/** Pictures that should have come within so many periods. */
function missingIn(periods: number): number {
  const whole = Math.round(periods);
  return whole > 1 && Math.abs(periods - whole) <= gapTolerance ? whole - 1 : 0;
}

/** Undefined while it is not known, and of a camera whose own rhythm is uneven. */
function periodOf(intervals: readonly number[]): number | undefined {
  if (intervals.length < leastIntervals) return undefined;
  const sorted = [...intervals].sort((a, b) => a - b);
  const short = sorted[Math.floor(sorted.length / 5)] ?? 0;
  const whole = sorted.filter((interval) => interval < 1.75 * short);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const period = mean(whole);
  // Gaps are whole numbers of periods; the rest of an interval is the camera's own doing.
  const uneven = mean(
    sorted.map((interval) => Math.abs(interval / period - Math.max(1, Math.round(interval / period)))),
  );
  return uneven <= mostUneven ? period : undefined;
}
