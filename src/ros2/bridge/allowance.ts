/** So many in a period, on average; a period's worth may come at once. */
export class Allowance {
  readonly #most: number;
  readonly #periodMs: number;
  #left: number;
  #atMs: number | undefined;

  constructor(most: number, periodMs: number) {
    this.#most = most;
    this.#periodMs = periodMs;
    this.#left = most;
  }

  /** True, and it counts, where there is one left. `nowMs` is monotonic. */
  take(nowMs: number): boolean {
    const earned = ((nowMs - (this.#atMs ?? nowMs)) / this.#periodMs) * this.#most;
    this.#left = Math.min(this.#most, this.#left + earned);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
