import type { Clock } from '../base/index.ts';
import type { StopSignal } from './ports.ts';

/** The side of a StopSignal that stops. */
export class Stop implements StopSignal {
  readonly #listeners = new Set<() => void>();
  /** Resolves when it is stopped. */
  readonly whenStopped: Promise<void> = new Promise((resolve) => this.#listeners.add(resolve));
  #stopped = false;

  get stopped(): boolean {
    return this.#stopped;
  }

  onStop(listener: () => void): void {
    if (this.#stopped) listener();
    else this.#listeners.add(listener);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}

/** Resolves with `work`, or when the time is over; rejects when `work` does. Leaves no timer behind. */
export function within(clock: Clock, limitMs: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, resolve);
    work.then(resolve, reject).finally(cancel);
  });
}
