import type { Clock } from '../base/index.ts';
import { type ExceededQuota, exceedable } from './quotas/quotas.ts';

/** Everything that the controller counts about itself; only grows. */
export class Counters {
  messages = 0;
  samples = 0;
  events = 0;
  gaps = 0;
  missingBatches = 0;
  malformed = 0;
  duplicateBatches = 0;
  rebirthsAsked = 0;
  /** Batches whose times were off by more than the tolerance and were moved. */
  skewedBatches = 0;
  /** Samples whose alias no birth explained. */
  unknownSamples = 0;
  /** Batches and events not taken because the database could not follow. */
  turnedAway = 0;
  /** Answers to no call of ours, and live pictures that nobody watches. */
  unasked = 0;
  /** What was left out because a limit was exceeded, by the limit; bytes for `bytes`. */
  readonly overQuota = Object.fromEntries(exceedable.map((what) => [what, 0])) as Record<
    ExceededQuota['what'],
    number
  >;
  /** Timers, listeners and steps of the controller that threw. */
  failedCallbacks = 0;
}

/** Rates per second over the last few seconds. */
export class RateMeter {
  readonly #clock: Clock;
  readonly #value: () => number;
  #before: { readonly atMs: number; readonly value: number };
  #rate = 0;

  constructor(clock: Clock, value: () => number) {
    this.#clock = clock;
    this.#value = value;
    this.#before = { atMs: clock.monotonicMs(), value: value() };
  }

  get perSecond(): number {
    const nowMs = this.#clock.monotonicMs();
    const passedMs = nowMs - this.#before.atMs;
    if (passedMs >= 2_000) {
      const value = this.#value();
      this.#rate = ((value - this.#before.value) * 1000) / passedMs;
      this.#before = { atMs: nowMs, value };
    }
    return this.#rate;
  }
}
