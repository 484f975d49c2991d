/**
 * A limit with a burst: `capacity` may be spent at once, and it is filled again in `refillMs`. Times are monotonic.
 * https://en.wikipedia.org/wiki/Token_bucket
 */
export class TokenBucket {
  readonly capacity: number;
  readonly #perMs: number;
  #tokens: number;
  #atMs: number;

  constructor(capacity: number, refillMs: number, nowMs: number) {
    this.capacity = capacity;
    this.#perMs = capacity / refillMs;
    this.#tokens = capacity;
    this.#atMs = nowMs;
  }

  has(amount: number, nowMs: number): boolean {
    return this.#refilled(nowMs) >= amount;
  }

  /** True when there was enough; otherwise nothing is spent. */
  spend(amount: number, nowMs: number): boolean {
    const tokens = this.#refilled(nowMs);
    if (tokens < amount) return false;
    this.#tokens = tokens - amount;
    this.#atMs = Math.max(this.#atMs, nowMs);
    return true;
  }

  full(nowMs: number): boolean {
    return this.#refilled(nowMs) >= this.capacity;
  }

  #refilled(nowMs: number): number {
    const passedMs = Math.max(0, nowMs - this.#atMs);
    return Math.min(this.capacity, this.#tokens + passedMs * this.#perMs);
  }
}
