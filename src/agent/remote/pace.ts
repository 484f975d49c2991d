/** At most `most` in any `everyMs`. */
export class Pace {
  readonly #most: number;
  readonly #everyMs: number;
  #taken: number[] = [];

  constructor(most: number, everyMs: number) {
    this.#most = most;
    this.#everyMs = everyMs;
  }

  /** Milliseconds to wait; 0, and it counts, where it may be done. `nowMs` is of a clock that never goes back. */
  take(nowMs: number): number {
    this.#taken = this.#taken.filter((atMs) => nowMs - atMs < this.#everyMs);
    const [first] = this.#taken;
    if (first !== undefined && this.#taken.length >= this.#most) return first + this.#everyMs - nowMs;
    this.#taken.push(nowMs);
    return 0;
  }
}
