import { readFileSync } from 'node:fs';

/** Nanoseconds that this thread ran, whatever else the machine was busy with; Linux alone tells. */
export function threadTimeMs(): number {
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
}

const everyMs = 5;

/**
 * How long the event loop was held: the time that its thread ran between two looks of a timer. Unlike the time on the wall
 * it does not grow where other processes have the processors.
 */
export class HoldWatch {
  readonly holdsMs: number[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor() {
    let before = threadTimeMs();
    this.#timer = setInterval(() => {
      const now = threadTimeMs();
      this.holdsMs.push(now - before);
      before = now;
    }, everyMs);
  }

  /** The longest, and the one that 99 of 100 stay below. */
  end(): { readonly longestMs: number; readonly p99Ms: number } {
    clearInterval(this.#timer);
    const sorted = this.holdsMs.sort((a, b) => a - b);
    return { longestMs: sorted.at(-1) ?? 0, p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0 };
  }
}
