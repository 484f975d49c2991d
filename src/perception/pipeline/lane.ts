import type { Frame } from '../frame.ts';
import { FailureRun } from './failure-run.ts';

/** One frame for one node. */
export interface Job<C> {
  /** The queue that it came by. */
  readonly key: string;
  readonly frame: Frame;
  /** The caller's data, returned with the result. */
  readonly context: C;
  /** When the frame came, on the monotonic clock. */
  readonly sinceMs: number;
}

/** What a job is given to; in the pipeline a detector. */
export interface Worker<R, C> {
  /** Jobs that may be under way at once. */
  readonly capacity: number;
  /** Instead of the scheduler's own limits, where the worker is known to need more. */
  readonly timeoutMs?: number;
  readonly answerTimeoutMs?: number;
  /** The frame stays valid until the promise settles. */
  run(job: Job<C>): Promise<R>;
}

/** As long as a timer can wait. */
const neverMs = 2 ** 31 - 1;

/** A worker that was seen to need so long gets this much more: for a frame, and before it is called stuck. */
const patience = { frame: 2, answer: 10 };

export interface LaneLimits {
  readonly timeoutMs: number;
  readonly answerTimeoutMs?: number;
  readonly failingMs?: number;
}

/** A worker and what it owes. A slot has one at a time; one that was replaced lives until it owes nothing. */
export class Lane<R, C> {
  readonly slot: string;
  readonly worker: Worker<R, C>;
  readonly failures: FailureRun;
  /** Places taken, late jobs included: a worker that is stuck gets nothing more. */
  busy = 0;
  /** Jobs that timed out and that the worker still holds. */
  late = 0;
  /** Jobs whose result is still wanted. */
  wanted = 0;
  timeoutMs: number;
  answerTimeoutMs: number;
  stuck = false;
  /** It is not used any more: nobody wants to hear of it. */
  replaced = false;
  #slow = false;
  #drained: (() => void) | undefined;

  constructor(slot: string, worker: Worker<R, C>, limits: LaneLimits) {
    this.slot = slot;
    this.worker = worker;
    this.failures = new FailureRun(limits.failingMs ?? neverMs);
    this.timeoutMs = worker.timeoutMs ?? limits.timeoutMs;
    const answerTimeoutMs = worker.answerTimeoutMs ?? limits.answerTimeoutMs ?? neverMs;
    this.answerTimeoutMs = Math.max(this.timeoutMs, answerTimeoutMs);
  }

  get capacity(): number {
    return Math.max(1, this.worker.capacity);
  }

  get free(): boolean {
    return this.busy < this.capacity;
  }

  /** A late answer came: from here on it is waited longer. True where that is news. */
  noteSlow(tookMs: number): boolean {
    this.timeoutMs = Math.max(this.timeoutMs, patience.frame * tookMs);
    this.answerTimeoutMs = Math.max(this.answerTimeoutMs, patience.answer * tookMs);
    const news = !this.#slow && !this.replaced;
    this.#slow = true;
    return news;
  }

  release(): void {
    this.wanted -= 1;
    if (this.wanted === 0) this.#drained?.();
  }

  /** Nothing more comes to it. Resolves when it owes no result. */
  replace(): Promise<void> {
    this.replaced = true;
    return new Promise((resolve) => {
      if (this.wanted === 0) resolve();
      else this.#drained = resolve;
    });
  }
}
