import type { Cancel, Clock } from '../../src/base/index.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly periodMs: number | undefined;
  run: () => void;
  cancelled: boolean;
}

/** Timers by due time, then by the order in which they were made: a binary heap. A thousand devices have many. */
class TimerHeap {
  readonly #timers: Timer[] = [];

  get first(): Timer | undefined {
    while (this.#timers[0]?.cancelled === true) this.#takeFirst();
    return this.#timers[0];
  }

  add(timer: Timer): void {
    this.#timers.push(timer);
    for (let at = this.#timers.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #takeFirst(): void {
    const last = this.#timers.pop();
    if (last === undefined || this.#timers.length === 0) return;
    this.#timers[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < this.#timers.length && this.#isBefore(left, least)) least = left;
      if (right < this.#timers.length && this.#isBefore(right, least)) least = right;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#timers[a]!, this.#timers[b]!];
    return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    [this.#timers[a], this.#timers[b]] = [this.#timers[b]!, this.#timers[a]!];
  }
}

/** A clock that stands still until a test moves it; timers fire in the order of their due times. */
export class FakeClock implements Clock {
  #monotonicMs = 0;
  #wallOffsetMs: number;
  #order = 0;
  readonly #timers = new TimerHeap();
  #pending = 0;

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
    return this.#pending;
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
    const made = {
      dueMs: this.#monotonicMs + delayMs,
      order: this.#order++,
      periodMs,
      run,
      cancelled: false,
    };
    let timer: Timer = made;
    const put = (next: Timer) => {
      timer = next;
      this.#timers.add(next);
    };
    const repeat = () => {
      if (periodMs === undefined) return;
      const step = Math.max(periodMs, 0.001);
      put({ ...timer, dueMs: timer.dueMs + step, run: made.run, cancelled: false });
    };
    this.#pending += 1;
    let over = false;
    const end = () => {
      if (over) return;
      over = true;
      this.#pending -= 1;
      timer.cancelled = true;
    };
    made.run = () => {
      timer.cancelled = true;
      if (periodMs === undefined) end();
      else repeat();
      run();
    };
    put(made);
    return end;
  }

  #nextDue(endMs: number): Timer | undefined {
    const { first } = this.#timers;
    return first !== undefined && first.dueMs <= endMs ? first : undefined;
  }

  #fire(timer: Timer): void {
    this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueMs);
    timer.run();
  }
}

/** Lets everything that waits for a promise alone go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
