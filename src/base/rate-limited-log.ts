import type { Clock } from './clock.ts';
import type { Log, LogFields } from './log.ts';

const quietMs = 10_000;
const maxKeys = 1_000;

/** A line per key every ten seconds at most; the next one says how many were left out. */
export class RateLimitedLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #seen = new Map<string, { readonly untilMs: number; leftOut: number }>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  warn(key: string, message: string, fields: LogFields = {}): void {
    this.#say('warn', key, message, fields);
  }

  error(key: string, message: string, fields: LogFields = {}): void {
    this.#say('error', key, message, fields);
  }

  #say(level: 'warn' | 'error', key: string, message: string, fields: LogFields): void {
    const nowMs = this.#clock.monotonicMs();
    const seen = this.#seen.get(key);
    if (seen !== undefined && nowMs < seen.untilMs) {
      seen.leftOut += 1;
      return;
    }
    // Keys may come from outside: their number is bounded, and starting over only costs a line too many.
    if (this.#seen.size >= maxKeys) this.#seen.clear();
    this.#seen.set(key, { untilMs: nowMs + quietMs, leftOut: 0 });
    this.#log[level](
      message,
      seen === undefined || seen.leftOut === 0 ? fields : { ...fields, leftOut: seen.leftOut },
    );
  }
}
