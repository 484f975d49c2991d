/** So much engine time is saved up at most, milliseconds: a shadow that slept does not rush. */
const mostSavedMs = 1000;

/** Keeps a shadow to its share of one engine's time. */
export class ShadowBudget {
  readonly #share: number;
  #savedMs = 0;
  #atMs: number | undefined;

  constructor(share: number) {
    this.#share = share;
  }

  /** Whether it may look at one more frame now. */
  allows(nowMs: number): boolean {
    if (this.#atMs !== undefined)
      this.#savedMs = Math.min(mostSavedMs, this.#savedMs + (nowMs - this.#atMs) * this.#share);
    this.#atMs = nowMs;
    return this.#savedMs >= 0;
  }

  spend(ms: number): void {
    this.#savedMs -= ms;
  }
}
