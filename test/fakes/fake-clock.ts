import type { Cancel, Clock } from '../../src/base/index.ts';

interface Timer {
  dueMs: number;
  readonly order: number;
  readonly periodMs: number | undefined;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it; timers fire in the order of their due times. */
export class FakeClock implements Clock {
  #monotonicMs = 0;
  #wallOffsetMs: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(wallMs = 1_790_000_000_000) {
    this.#wallOffsetMs = wallMs;
  }

  wallMs(): number {
    return Math.floor(this.#wallOffsetMs + this.#monotonicMs);
  }

  wallNs(): bigint {
    return BigInt(Math.round((this.#wallOffsetMs + this.#monotonicMs) * 1000)) * 1000n;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, run: () => void): Cancel {
    return this.#add(Math.max(0, delayMs), undefined, run);
  }

  every(periodMs: number, run: () => void): Cancel {
    return this.#add(periodMs, periodMs, run);
  }

  /** Timers that wait; 0 after a clean close. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Somebody sets the machine's clock; durations and timers do not notice. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Lets time pass and fires what is due, synchronously. */
  advance(byMs: number): void {
    const end = this.#monotonicMs + byMs;
    for (let next = this.#nextDue(end); next !== undefined; next = this.#nextDue(end)) this.#fire(next);
    this.#monotonicMs = end;
  }

  /** Like `advance`, and lets promises settle before, between and after the timers. */
  async pass(byMs: number): Promise<void> {
    const end = this.#monotonicMs + byMs;
    await settle();
    for (let next = this.#nextDue(end); next !== undefined; next = this.#nextDue(end)) {
      this.#fire(next);
      await settle();
    }
    this.#monotonicMs = end;
    await settle();
  }

  #add(delayMs: number, periodMs: number | undefined, run: () => void): Cancel {
    const timer = { dueMs: this.#monotonicMs + delayMs, order: this.#order++, periodMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  #nextDue(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers)
      if (
        timer.dueMs <= endMs &&
        (next === undefined ||
          timer.dueMs < next.dueMs ||
          (timer.dueMs === next.dueMs && timer.order < next.order))
      )
        next = timer;
    return next;
  }

  #fire(timer: Timer): void {
    this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueMs);
    if (timer.periodMs === undefined) this.#timers.delete(timer);
    else timer.dueMs += Math.max(timer.periodMs, 0.001);
    timer.run();
  }
}

/** Lets everything that waits for a promise alone go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
