import { SystemClock } from '../../src/adapters/system/index.ts';
import type { Cancel, Clock } from '../../src/base/index.ts';

/** The time of day as it is, and durations that pass so many times faster: what waits for minutes is seen in seconds. */
export class FastClock implements Clock {
  readonly #clock = new SystemClock();
  readonly #factor: number;

  constructor(factor: number) {
    this.#factor = factor;
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  wallNs(): bigint {
    return this.#clock.wallNs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs() * this.#factor;
  }

  after(delayMs: number, run: () => void): Cancel {
    return this.#clock.after(delayMs / this.#factor, run);
  }

  every(periodMs: number, run: () => void): Cancel {
    return this.#clock.every(Math.max(5, periodMs / this.#factor), run);
  }
}
