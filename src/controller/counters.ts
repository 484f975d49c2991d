import type { Clock, Log } from '../base/index.ts';

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

const quietMs = 10_000;
const mostKeys = 1_000;

/** A warning per cause every ten seconds at most; the next one says how many were left out. */
export class RateLimitedLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #seen = new Map<string, { untilMs: number; dropped: number }>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  warn(key: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    const nowMs = this.#clock.monotonicMs();
    const seen = this.#seen.get(key);
    if (seen !== undefined && nowMs < seen.untilMs) {
      seen.dropped += 1;
      return;
    }
    if (this.#seen.size > mostKeys) this.#seen.clear();
    this.#seen.set(key, { untilMs: nowMs + quietMs, dropped: 0 });
    this.#log.warn(
      message,
      seen === undefined || seen.dropped === 0 ? fields : { ...fields, leftOut: seen.dropped },
    );
  }
}
