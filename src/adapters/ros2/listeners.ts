import { type Cancel, describeError, type Log } from '../../base/index.ts';

/** Listeners of arrivals. An error of one is logged and does not keep the others from being called. */
export class Listeners {
  readonly #listeners = new Set<() => void>();
  readonly #log: Log;
  readonly #what: string;

  constructor(log: Log, what: string) {
    this.#log = log;
    this.#what = what;
  }

  add(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  call(): void {
    for (const listener of this.#listeners)
      try {
        listener();
      } catch (error) {
        this.#log.error(`A listener for ${this.#what} failed`, { reason: describeError(error) });
      }
  }
}
