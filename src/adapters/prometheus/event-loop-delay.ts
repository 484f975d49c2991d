import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';

const resolutionMs = 10;
const windowMs = 30_000;

/** Seconds that work had to wait for the event loop. */
export interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const none: Delays = { p50: 0, p99: 0, max: 0 };

/** How long the event loop was held, over the last half to whole minute, whoever asks. */
export class EventLoopDelay {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  #before = none;
  #sinceMs = performance.now();

  constructor() {
    this.#histogram.enable();
  }

  read(): Delays {
    const now = this.#current();
    const before = this.#before;
    if (performance.now() - this.#sinceMs >= windowMs) {
      this.#before = now;
      this.#sinceMs = performance.now();
      this.#histogram.reset();
    }
    return {
      p50: Math.max(now.p50, before.p50),
      p99: Math.max(now.p99, before.p99),
      max: Math.max(now.max, before.max),
    };
  }

  #current(): Delays {
    if (this.#histogram.count === 0) return none;
    // It counts the time between two looks, which is the resolution where nothing holds the loop.
    const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolutionMs / 1e3);
    const { max } = this.#histogram;
    return {
      p50: seconds(this.#histogram.percentile(50)),
      p99: seconds(this.#histogram.percentile(99)),
      max: seconds(max),
    };
  }
}
