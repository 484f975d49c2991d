import { type Cancel, type Clock, defined, describeError, type RateLimitedLog } from '../base/index.ts';
import type { Counters } from './counters.ts';

/**
 * Runs what the controller does on its own account: timers, what a listener is told, steps over many devices. What it
 * throws is logged and counted, and ends neither the process nor the steps after it.
 */
export class Guard {
  readonly #log: RateLimitedLog;
  readonly #counters: Counters;

  constructor(log: RateLimitedLog, counters: Counters) {
    this.#log = log;
    this.#counters = counters;
  }

  /** `fields` say which of many failed; `what` names the kind of work, of which one line is logged every ten seconds. */
  run(what: string, work: () => void, fields: Readonly<Record<string, string>> = {}): void {
    try {
      work();
    } catch (error) {
      this.#counters.failedCallbacks += 1;
      const stack = error instanceof Error ? error.stack : undefined;
      this.#log.warn(`guard ${what}`, 'A task of the controller failed; the controller continues', {
        ...{ what, ...fields, cause: describeError(error) },
        ...defined({ stack }),
      });
    }
  }

  /** The same clock; its timers are guarded. */
  clock(clock: Clock): Clock {
    return new GuardedClock(clock, this);
  }
}

class GuardedClock implements Clock {
  readonly #clock: Clock;
  readonly #guard: Guard;

  constructor(clock: Clock, guard: Guard) {
    this.#clock = clock;
    this.#guard = guard;
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  wallNs(): bigint {
    return this.#clock.wallNs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  after(delayMs: number, run: () => void): Cancel {
    return this.#clock.after(delayMs, () => this.#guard.run('timer', run));
  }

  every(periodMs: number, run: () => void): Cancel {
    return this.#clock.every(periodMs, () => this.#guard.run('periodic task', run));
  }
}
