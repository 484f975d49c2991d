/** The last readings of many series, thinned to one per `periodMs`; the oldest are forgotten. */
export class History {
  readonly #length: number;
  readonly #periodMs: number;
  readonly #series = new Map<string, { lastMs: number; values: (number | null)[] }>();

  constructor(length: number, periodMs: number) {
    this.#length = length;
    this.#periodMs = periodMs;
  }

  /** `null` says that there was no reading; a silence of several periods leaves a gap too. */
  add(key: string, timeMs: number, value: number | null): void {
    const series = this.#series.get(key);
    if (series === undefined) {
      this.#series.set(key, { lastMs: timeMs, values: [value] });
      return;
    }
    const periods = Math.floor((timeMs - series.lastMs) / this.#periodMs + 0.1);
    if (periods < 1) {
      series.values[series.values.length - 1] = value;
      return;
    }
    // New array: a view that holds the old one must see that something changed.
    const silent = Math.min(periods - 1, this.#length);
    const gap = silent > 3 ? new Array<null>(silent).fill(null) : [];
    series.values = [...series.values, ...gap, value].slice(-this.#length);
    series.lastMs = timeMs;
  }

  values(key: string): readonly (number | null)[] {
    return this.#series.get(key)?.values ?? none;
  }
}

const none: readonly null[] = [];
