import type { Cancel } from '../../base/index.ts';
import { type DropReason, type FrameCounts, FrameTally, type SkipReason } from './frame-counts.ts';
import type { Job, Lane } from './lane.ts';
import type { Candidate } from './order.ts';
import { RecentValues, type Summary } from './recent-values.ts';

/**
 * `newest` (live): a frame that waits is superseded by the next one of its queue.
 * `every` (replay): no frame is superseded; the source waits until its frame is taken in work.
 */
export type SchedulingPolicy = 'newest' | 'every';

export interface QueueOptions {
  /** Whose worker takes its frames. */
  readonly slot: string;
  readonly policy: SchedulingPolicy;
  /** Under overload it gets turns in this proportion; default 1. */
  readonly weight?: number;
  /** From a frame's arrival to its result; nodes with one go before those without. */
  readonly deadlineMs?: number;
  /** `shadow`: only when no other job waits. Default `serve`. */
  readonly role?: 'serve' | 'shadow';
  /** What hangs on a frame that is in work goes before a new one; default 0. */
  readonly depth?: number;
  /** Its results start jobs of other nodes, and those go before what waits; default false. */
  readonly feeds?: boolean;
}

export interface Waiting<C> {
  readonly job: Job<C>;
  readonly taken: () => void;
}

export interface Entry<R, C> {
  readonly job: Job<C>;
  readonly queue: NodeQueue<R, C>;
  readonly lane: Lane<R, C>;
  readonly startedMs: number;
  cancelTimeout: Cancel;
  state:
    | { kind: 'running' }
    | { kind: 'late' }
    | { kind: 'done'; result: R }
    | { kind: 'failed'; error: unknown };
}

/** How punctual a node is; summaries are over its last 1024 results of the worker that serves. */
export interface Punctuality {
  /** Results before and after their deadline; both 0 without one. */
  readonly deadlines: { readonly met: number; readonly missed: number };
  /** From a frame's arrival until it is taken in work, milliseconds. */
  readonly waitMs: Summary;
  /** From a frame's arrival to its result, milliseconds. */
  readonly totalMs: Summary;
}

/** How long a frame waits without a deadline until its engine counts as overloaded. */
const patienceMs = 1000;

/** What one node of one camera has to do, and what became of it. */
export class NodeQueue<R, C> implements Candidate {
  readonly key: string;
  readonly slot: string;
  readonly policy: SchedulingPolicy;
  readonly shadow: boolean;
  readonly depth: number;
  readonly feeds: boolean;
  readonly waiting: Waiting<C>[] = [];
  /** In the order of their start, so that results come out in that order. */
  readonly running: Entry<R, C>[] = [];
  readonly tally: FrameTally;
  /** What becomes of its frames meanwhile; undefined: it is not paused. */
  paused: 'waits' | 'drops' | undefined;
  turns = 0;
  servedAt = 0;
  /** The queue of that name before it, whose frames come out first. */
  #before: NodeQueue<R, C> | undefined;
  readonly #weight: number;
  readonly #deadlineMs: number | undefined;
  readonly #waitMs = new RecentValues();
  readonly #totalMs = new RecentValues();
  #waitsSinceMs = 0;
  #met = 0;
  #missed = 0;

  constructor(key: string, options: QueueOptions, before?: NodeQueue<R, C>) {
    const { slot, policy, weight = 1, deadlineMs, role = 'serve', depth = 0, feeds = false } = options;
    this.key = key;
    this.slot = slot;
    this.policy = policy;
    this.shadow = role === 'shadow';
    this.depth = depth;
    this.feeds = feeds;
    this.#before = before;
    this.tally = before?.tally ?? new FrameTally();
    this.#weight = weight;
    this.#deadlineMs = deadlineMs;
  }

  get dueMs(): number {
    return this.#waitsSinceMs + (this.#deadlineMs ?? Number.POSITIVE_INFINITY);
  }

  get lateMs(): number {
    return this.#waitsSinceMs + (this.#deadlineMs ?? patienceMs);
  }

  /** It could be taken in work as soon as its worker has room. */
  get ready(): boolean {
    return (
      this.paused === undefined &&
      this.waiting.length > 0 &&
      (this.#before === undefined || !this.#before.busy)
    );
  }

  /** Frames of it, or of the one before it, are under way. */
  get busy(): boolean {
    if (this.#before?.busy === false) this.#before = undefined;
    return this.running.length > 0 || this.#before !== undefined;
  }

  /**
   * A frame that takes the place of one that waited has its place in the line too: whoever is superseded again and again would
   * else never be due. `turns`: of who was served last; who comes back after a pause has saved up nothing.
   */
  wait(waiting: Waiting<C>, inPlace: boolean, turns: number): void {
    if (this.waiting.length === 0) {
      if (!inPlace) this.#waitsSinceMs = waiting.job.sinceMs;
      this.turns = Math.max(this.turns, turns);
    }
    this.waiting.push(waiting);
  }

  start(serial: number, nowMs: number): Waiting<C> {
    const first = this.waiting.shift()!;
    this.servedAt = serial;
    this.turns += 1 / this.#weight;
    this.#waitMs.add(nowMs - first.job.sinceMs);
    const next = this.waiting[0];
    if (next !== undefined) this.#waitsSinceMs = next.job.sinceMs;
    return first;
  }

  noteDone(job: Job<C>, nowMs: number): void {
    const tookMs = nowMs - job.sinceMs;
    this.#totalMs.add(tookMs);
    if (this.#deadlineMs === undefined) return;
    if (tookMs <= this.#deadlineMs) this.#met += 1;
    else this.#missed += 1;
  }

  resetTimes(): void {
    this.#waitMs.clear();
    this.#totalMs.clear();
  }

  supersede(job: Job<C>): void {
    this.tally.superseded += 1;
    job.frame.pixels.release();
  }

  drop(job: Job<C>, reason: DropReason): void {
    this.tally.dropped[reason] += 1;
    job.frame.pixels.release();
  }

  skip(job: Job<C>, reason: SkipReason): void {
    this.tally.skipped[reason] += 1;
    job.frame.pixels.release();
  }

  /** Empties the line: `become` says what becomes of each. */
  clear(become: (job: Job<C>) => void): void {
    for (const { job, taken } of this.waiting.splice(0)) {
      become(job);
      taken();
    }
  }

  counts(): FrameCounts {
    return this.tally.counts(this.waiting.length, this.#inFlight);
  }

  get #inFlight(): number {
    return this.running.length + (this.#before === undefined ? 0 : this.#before.#inFlight);
  }

  punctuality(): Punctuality {
    return {
      deadlines: { met: this.#met, missed: this.#missed },
      waitMs: this.#waitMs.summary(),
      totalMs: this.#totalMs.summary(),
    };
  }
}
