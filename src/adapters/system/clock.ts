import { performance } from 'node:perf_hooks';
import type { Cancel, Clock } from '../../base/index.ts';

/** Node fires a timer at once when its delay does not fit 31 bits. */
const longestTimerMs = 2 ** 31 - 1;
/** The machine's clock. */
export class SystemClock implements Clock {
  /** The wall clock's time when the monotonic one was 0. */
  #originMs = performance.timeOrigin;

  wallMs(): number {
    return Date.now();
  }

  /** Microseconds exact; within a millisecond after a jump of the wall clock, and finer with every call. */
  wallNs(): bigint {
    const before = performance.now();
    const wall = Date.now();
    const after = performance.now();
    // Date cuts its time down to a whole millisecond: so much it tells about the origin, and calls add up.
    this.#originMs = Math.min(Math.max(this.#originMs, wall - after), wall + 1 - before);
    const estimate = this.#originMs + after;
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
