/** So many at once, then one each `gapMs`. */
export interface Pace {
  readonly atOnce: number;
  readonly gapMs: number;
}

/** Runs what it is given in order, and no faster than its pace: after a time in which it was late it catches nothing up. */
export class PacedQueue<Item> {
  readonly #pace: Pace;
  readonly #run: (item: Item) => void;
  readonly #onEmpty: () => void;
  #items: Item[] = [];
  #timer: NodeJS.Timeout | undefined;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(pace: Pace, run: (item: Item) => void, onEmpty: () => void = () => {}) {
    this.#pace = pace;
    this.#run = run;
    this.#onEmpty = onEmpty;
  }

  get length(): number {
    return this.#items.length;
  }

  add(...items: readonly Item[]): void {
    for (const item of items) this.#items.push(item);
    if (this.#timer === undefined) this.#go();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#items = [];
  }

  #go(): void {
    const { atOnce, gapMs } = this.#pace;
    while (this.#items.length > 0) {
      const nowMs = performance.now();
      const atMs = Math.max(this.#nextMs, nowMs - (atOnce - 1) * gapMs);
      if (atMs > nowMs) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.#nextMs = performance.now();
          this.#go();
        }, atMs - nowMs);
        return;
      }
      this.#nextMs = atMs + gapMs;
      this.#run(this.#items.shift()!);
    }
    this.#onEmpty();
  }
}
