import { performance } from 'node:perf_hooks';
import type { Cancel, Clock } from '../../base/index.ts';

/** Node fires a timer at once when its delay does not fit 31 bits. */
const longestTimerMs = 2 ** 31 - 1;
/** Date has whole milliseconds; the finer estimate is started anew when it leaves Date by more than this. */
const allowedDriftMs = 2;

/** The machine's clock. */
export class SystemClock implements Clock {
  #anchorWallMs = Date.now();
  #anchorMonotonicMs = performance.now();

  wallMs(): number {
    return Date.now();
  }

  /** Finer than Date within a millisecond, and follows every jump of it. */
  wallNs(): bigint {
    const wall = Date.now();
    const monotonic = performance.now();
    let estimate = this.#anchorWallMs + (monotonic - this.#anchorMonotonicMs);
    if (estimate < wall - allowedDriftMs || estimate > wall + allowedDriftMs) {
      this.#anchorWallMs = wall;
      this.#anchorMonotonicMs = monotonic;
      estimate = wall;
    }
    const whole = Math.floor(estimate);
    return BigInt(whole) * 1_000_000n + BigInt(Math.floor((estimate - whole) * 1e6));
  }

  monotonicMs(): number {
    return performance.now();
  }

  after(delayMs: number, run: () => void): Cancel {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number) => {
      const step = Math.min(leftMs, longestTimerMs);
      timer = setTimeout(() => (leftMs > step ? arm(leftMs - step) : run()), step);
    };
    arm(Math.max(0, delayMs));
    return () => clearTimeout(timer);
  }

  every(periodMs: number, run: () => void): Cancel {
    const timer = setInterval(run, Math.min(Math.max(1, periodMs), longestTimerMs));
    return () => clearInterval(timer);
  }
}
