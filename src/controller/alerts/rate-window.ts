/** A window is remembered in so many steps. */
const steps = 30;

/**
 * How fast a total grows, over a window that moves. Undefined until the total was watched for the whole window: what was
 * before nobody knows. Times are monotonic milliseconds.
 */
export class RateWindow {
  readonly #overMs: number;
  /** Oldest first, at least a step apart; the first is at or before the beginning of the window. */
  #samples: { readonly atMs: number; readonly total: number }[] = [];

  constructor(overMs: number) {
    this.#overMs = overMs;
  }

  /** Takes the total as it is now, and gives its growth per second. */
  take(atMs: number, total: number): number | undefined {
    const newest = this.#samples.at(-1);
    // Totals only grow: of a smaller one nothing is known, as where a series left.
    if (newest !== undefined && total < newest.total) this.#samples = [];
    if (newest === undefined || total < newest.total || atMs - newest.atMs >= this.#overMs / steps)
      this.#samples.push({ atMs, total });
    const begin = atMs - this.#overMs;
    while ((this.#samples[1]?.atMs ?? Number.POSITIVE_INFINITY) <= begin) this.#samples.shift();
    const [first] = this.#samples;
    if (first === undefined || first.atMs > begin) return undefined;
    return ((total - first.total) * 1000) / (atMs - first.atMs);
  }
}
