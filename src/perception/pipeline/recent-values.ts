/** Of the values in the window; all 0 when there is none. */
export interface Summary {
  /** Values in the window. */
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** The last values of one quantity, for a snapshot; histograms that add up over devices are telemetry's work. */
export class RecentValues {
  readonly #values: Float64Array;
  #next = 0;
  #count = 0;

  constructor(size = 1024) {
    this.#values = new Float64Array(size);
  }

  add(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#values.length;
    this.#count = Math.min(this.#count + 1, this.#values.length);
  }

  clear(): void {
    this.#next = 0;
    this.#count = 0;
  }

  summary(): Summary {
    const count = this.#count;
    if (count === 0) return { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 };
    const sorted = this.#values.slice(0, count).sort();
    // Nearest rank: a value that really occurred.
    const rank = (part: number) => sorted[Math.max(0, Math.ceil(part * count) - 1)]!;
    let sum = 0;
    for (const value of sorted) sum += value;
    return {
      count,
      mean: sum / count,
      p50: rank(0.5),
      p95: rank(0.95),
      p99: rank(0.99),
      max: sorted[count - 1]!,
    };
  }

  /** Events per second when the values are the times of events in ms: those of the `spanMs` before `nowMs`. */
  ratePerSecond(nowMs: number, spanMs: number): number {
    let events = 0;
    let first = nowMs;
    for (let i = 0; i < this.#count; i++) {
      const time = this.#values[i]!;
      if (nowMs - time >= spanMs) continue;
      events += 1;
      first = Math.min(first, time);
    }
    // Until the span is full, the events after the first over the time since it.
    if (this.#count === events) return events < 2 ? 0 : ((events - 1) * 1000) / Math.max(1, nowMs - first);
    return (events * 1000) / spanMs;
  }
}
