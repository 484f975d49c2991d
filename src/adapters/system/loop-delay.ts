import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/*
 * A tick of 1 ms costs 27 ms of CPU per second, so the loop is watched for a second in about five. The pause is no
 * multiple of a second: what happens every second, or with every batch, is not missed for ever.
 */
const watchedMs = 1000;
const pausedMs = 4300;

/**
 * How late the event loop is: the 99th percentile of the time between two turns of a 1 ms timer, so 1 ms means not at
 * all. A coarser tick would read more: timers are rounded to whole milliseconds.
 */
export class LoopDelay {
  readonly #ticks: IntervalHistogram = monitorEventLoopDelay({ resolution: 1 });
  #timer: NodeJS.Timeout | undefined;
  /** The histogram takes a pause for one long turn. */
  #pauses = 0;
  #lastMs = 1;

  constructor() {
    this.#watch();
  }

  /** Since the last call; where nothing was watched meanwhile, what was known before. */
  takeP99Ms(): number {
    const turns = this.#ticks.count - this.#pauses;
    if (turns > 0) this.#lastMs = this.#ticks.percentile((99 * turns) / this.#ticks.count) / 1e6;
    this.#ticks.reset();
    this.#pauses = 0;
    return this.#lastMs;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#ticks.disable();
  }

  #watch(): void {
    if (this.#ticks.count > 0) this.#pauses += 1;
    this.#ticks.enable();
    this.#timer = setTimeout(() => this.#pause(), watchedMs).unref();
  }

  #pause(): void {
    this.#ticks.disable();
    this.#timer = setTimeout(() => this.#watch(), pausedMs).unref();
  }
}
