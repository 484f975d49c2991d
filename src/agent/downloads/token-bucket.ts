/**
 * How fast bytes may come: `bytesPerSecond` on average, a second's worth at once. `take` says how long to wait after bytes
 * that came; whoever reads waits so long before it reads on, and the sender is slowed down by TCP.
 */
export class TokenBucket {
  readonly #bytesPerSecond: number;
  #tokens: number;
  #atMs: number;

  constructor(bytesPerSecond: number, nowMs: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#tokens = bytesPerSecond;
    this.#atMs = nowMs;
  }

  /** Milliseconds to wait; `nowMs` is of a clock that never goes back. */
  take(bytes: number, nowMs: number): number {
    const earned = ((nowMs - this.#atMs) / 1000) * this.#bytesPerSecond;
    this.#tokens = Math.min(this.#bytesPerSecond, this.#tokens + earned) - bytes;
    this.#atMs = nowMs;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#bytesPerSecond) * 1000);
  }
}
