import type { Cancel, Clock } from '../base/index.ts';

export interface PeriodicTask {
  readonly everyMs: number;
  readonly run: () => void;
}

/** What the controller does by itself, each task in its own period, from `start` to `close`. */
export class PeriodicTasks {
  readonly #clock: Clock;
  readonly #tasks: readonly PeriodicTask[];
  #cancels: Cancel[] = [];

  constructor(clock: Clock, tasks: readonly PeriodicTask[]) {
    this.#clock = clock;
    this.#tasks = tasks;
  }

  start(): void {
    this.#cancels = this.#tasks.map(({ everyMs, run }) => this.#clock.every(everyMs, run));
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
  }
}
