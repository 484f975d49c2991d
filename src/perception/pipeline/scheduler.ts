import {
  asGoshawkError,
  type Clock,
  type GoshawkError,
  InternalError,
  LimitError,
} from '../../base/index.ts';
import type { FailingFrames } from './failure-run.ts';
import type { FrameCounts, SkipReason } from './frame-counts.ts';
import { type Job, Lane, type LaneLimits, type Worker } from './lane.ts';
import { type Entry, NodeQueue, type Punctuality, type QueueOptions, type Waiting } from './node-queue.ts';
import { chooseNext } from './order.ts';

export interface SchedulerOptions<R, C> extends LaneLimits {
  readonly clock: Clock;
  /** A job under way for longer is counted as dropped and reported. */
  readonly timeoutMs: number;
  /** A worker that still holds a job after so long is stuck; default: never. */
  readonly answerTimeoutMs?: number;
  /** A worker that fails every job for so long is told by `failing`; default: never. */
  readonly failingMs?: number;
  /** Jobs under way on all workers together; default: as many as the one with the most room takes. */
  readonly parallel?: number;
  /** A result, in the order of the jobs of its queue. The frame is valid during the call only. */
  deliver(job: Job<C>, result: R): void;
  /** A job that gave no result; valid during the call only. Also called for an error that `deliver` threw. */
  fail(job: Job<C>, error: GoshawkError): void;
  /** The worker gives no answer. Once per worker. */
  stuck?(slot: string, job: Job<C>, error: GoshawkError): void;
  /** Every job of the worker fails. */
  failing?(slot: string, job: Job<C>, error: GoshawkError, run: FailingFrames): void;
  /** The worker answered, but too late: from here on it is given more time. Once per worker. */
  slow?(slot: string, job: Job<C>, tookMs: number): void;
}

/** Jobs that a queue with policy `every` holds before more are dropped. */
const everyLimit = 8;

/**
 * Decides which job is worked on next, over the workers of all slots.
 *
 * INVARIANTS
 * - received = processed + superseded + dropped + skipped + waiting + inFlight for every queue, after every call;
 * - the pixels of every frame are released exactly once, and never while a worker may still read them;
 * - at most `capacity` jobs are with a worker at once, those that timed out included, until it lets go of them;
 * - at most `parallel` jobs are under way on all present workers; those that timed out do not count: a worker that hangs takes
 *   nothing from those of other slots;
 * - no serving job waits while its worker has room and `parallel` is not reached, unless its queue is paused;
 * - which of those that wait is next: see `chooseNext`; without deadlines and weights the one that was served least recently;
 * - a shadow is started only while no serving job waits, and never takes the last free place but where there is only one;
 * - results of one queue are delivered in the order in which its frames were received;
 * - with policy `newest` at most one job of a queue waits, the last one received.
 */
export class Scheduler<R, C = undefined> {
  readonly #options: SchedulerOptions<R, C>;
  readonly #queues = new Map<string, NodeQueue<R, C>>();
  readonly #lanes = new Map<string, Lane<R, C>>();
  /** Timed out, and still with a worker. */
  readonly #late = new Set<Entry<R, C>>();
  /** Removed, and still with jobs under way. */
  readonly #leaving = new Set<NodeQueue<R, C>>();
  #serial = 0;
  #turns = 0;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(options: SchedulerOptions<R, C>) {
    this.#options = options;
  }

  /** `before`: what `remove` gave, where this queue takes its place: its counts go on, and its frames come out first. */
  add(key: string, options: QueueOptions, before?: NodeQueue<R, C>): void {
    if (this.#queues.has(key)) throw new InternalError('queue-twice', `"${key}" is already scheduled.`, '');
    this.#queues.set(key, new NodeQueue(key, options, before));
  }

  /** What waits there is dropped; what is under way is delivered. */
  remove(key: string): NodeQueue<R, C> {
    const queue = this.#queue(key);
    this.#queues.delete(key);
    queue.clear((job) => queue.drop(job, 'closed'));
    if (queue.running.length > 0) this.#leaving.add(queue);
    this.#settleIdle();
    return queue;
  }

  /** Takes the job's frame over. Resolves when it was taken in work, superseded or dropped. */
  offer(key: string, ...[frame, context, sinceMs]: OfferArguments<C>): Promise<void> {
    const queue = this.#queue(key);
    const job = { key, frame, context: context as C, sinceMs: sinceMs ?? this.#now() };
    queue.tally.received += 1;
    if (this.#closed) return refused(() => queue.drop(job, 'closed'));
    if (!this.#lanes.has(queue.slot)) return refused(() => queue.skip(job, 'slot'));
    const replaces = queue.policy === 'newest' && queue.waiting.length > 0;
    if (queue.policy === 'newest') {
      if (queue.paused) return refused(() => queue.drop(job, 'paused'));
      queue.clear((old) => {
        queue.tally.superseded += 1;
        old.frame.pixels.release();
      });
    } else if (queue.waiting.length >= everyLimit) {
      return refused(() => queue.drop(job, 'overflow'));
    }
    return new Promise((resolve) => {
      queue.wait({ job, taken: resolve }, replaces, this.#turns);
      this.#dispatch();
    });
  }

  /** A frame that the node was not meant to see. */
  skip(key: string, frame: Job<C>['frame'], reason: SkipReason): void {
    const queue = this.#queue(key);
    queue.tally.received += 1;
    queue.tally.skipped[reason] += 1;
    frame.pixels.release();
  }

  /** A frame that was never offered: a newer one took its place, or its graph is gone. */
  passOver(key: string, why: 'superseded' | 'closed'): void {
    const { tally } = this.#queue(key);
    tally.received += 1;
    if (why === 'superseded') tally.superseded += 1;
    else tally.dropped.closed += 1;
  }

  /** A paused live queue drops its frames; a paused replay waits. Jobs under way finish. */
  pause(key: string): void {
    const queue = this.#queue(key);
    queue.paused = true;
    if (queue.policy === 'newest') queue.clear((job) => queue.drop(job, 'paused'));
    this.#settleIdle();
  }

  resume(key: string): void {
    this.#queue(key).paused = false;
    this.#dispatch();
  }

  /**
   * From now on jobs of the slot go to `worker`. Resolves when the old worker, if there was one, owes no result any more: its
   * jobs were delivered, failed or timed out. No job is lost: those that wait go to the new worker.
   */
  use(slot: string, worker: Worker<R, C>): Promise<void> {
    const old = this.#lanes.get(slot);
    this.#lanes.set(slot, new Lane(slot, worker, this.#options));
    const drained = old === undefined ? Promise.resolve() : this.#replace(old);
    for (const queue of this.#queues.values()) if (queue.slot === slot) queue.resetTimes();
    this.#dispatch();
    return drained;
  }

  /** The slot has no worker from now on: what waits for it and what comes is skipped. Resolves as `use` does. */
  retire(slot: string): Promise<void> {
    const old = this.#lanes.get(slot);
    if (old === undefined) return Promise.resolve();
    this.#lanes.delete(slot);
    for (const queue of this.#queues.values())
      if (queue.slot === slot) queue.clear((job) => queue.skip(job, 'slot'));
    const drained = this.#replace(old);
    this.#dispatch();
    this.#settleIdle();
    return drained;
  }

  /** Resolves when nothing waits and nothing is under way (late jobs aside). */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#settleIdle();
    });
  }

  /** Drops what waits, takes nothing more, and resolves when the jobs under way settled or timed out. */
  close(): Promise<void> {
    this.#closed = true;
    for (const entry of this.#late) entry.cancelTimeout();
    this.#late.clear();
    for (const queue of this.#queues.values()) queue.clear((job) => queue.drop(job, 'closed'));
    return this.idle();
  }

  counts(key: string): FrameCounts {
    return this.#queue(key).counts();
  }

  punctuality(key: string): Punctuality {
    return this.#queue(key).punctuality();
  }

  /** Jobs that timed out and that the present workers still hold. */
  get held(): number {
    return this.#sum(({ late }) => late);
  }

  #dispatch(): void {
    while (!this.#closed) {
      const next = this.#next();
      if (next === undefined) return;
      this.#turns = next.turns;
      this.#serial += 1;
      this.#start(next, next.start(this.#serial, this.#now()));
    }
  }

  #next(): NodeQueue<R, C> | undefined {
    const active = this.#sum(({ busy, late }) => busy - late);
    const parallel = this.#parallel;
    if (active >= parallel) return undefined;
    let serving = false;
    const candidates: NodeQueue<R, C>[] = [];
    const shadows: NodeQueue<R, C>[] = [];
    for (const queue of this.#queues.values()) {
      if (!queue.ready) continue;
      if (!queue.shadow) serving = true;
      if (this.#lanes.get(queue.slot)?.free === true) (queue.shadow ? shadows : candidates).push(queue);
    }
    if (serving) return chooseNext(candidates, this.#now());
    if (shadows.length === 0 || (active > 0 && active >= parallel - 1)) return undefined;
    return chooseNext(shadows, this.#now());
  }

  get #parallel(): number {
    if (this.#options.parallel !== undefined) return this.#options.parallel;
    let most = 1;
    for (const lane of this.#lanes.values()) most = Math.max(most, lane.capacity);
    return most;
  }

  #sum(of: (lane: Lane<R, C>) => number): number {
    let sum = 0;
    for (const lane of this.#lanes.values()) sum += of(lane);
    return sum;
  }

  #start(queue: NodeQueue<R, C>, { job, taken }: Waiting<C>): void {
    const lane = this.#lanes.get(queue.slot)!;
    lane.busy += 1;
    lane.wanted += 1;
    const entry: Entry<R, C> = {
      ...{ job, queue, lane },
      startedMs: this.#now(),
      cancelTimeout: this.#options.clock.after(lane.timeoutMs, () => this.#timeOut(entry)),
      state: { kind: 'running' },
    };
    queue.running.push(entry);
    taken();
    // Through a resolved promise, so that a worker that throws at once is a worker that rejects, and one that answers
    // at once can't re-enter.
    Promise.resolve()
      .then(() => lane.worker.run(job))
      .then(
        (result) => this.#settle(entry, { kind: 'done', result }),
        (error: unknown) => this.#settle(entry, { kind: 'failed', error }),
      );
  }

  #settle(entry: Entry<R, C>, state: Entry<R, C>['state']): void {
    entry.lane.busy -= 1;
    entry.cancelTimeout();
    this.#noteOutcome(entry, state);
    if (entry.state.kind === 'late') {
      entry.lane.late -= 1;
      this.#late.delete(entry);
      if (state.kind === 'done') this.#noteSlow(entry);
      entry.job.frame.pixels.release();
      this.#dispatch();
      return;
    }
    entry.state = state;
    if (state.kind === 'done') entry.queue.noteDone(entry.job, this.#now());
    // The place is free: let the worker start before the result is handed round, unless that is what starts the next job.
    if (!entry.queue.feeds) this.#dispatch();
    this.#flush(entry.queue);
    if (entry.queue.feeds) this.#dispatch();
  }

  /** Of a worker that was replaced nobody wants to hear. */
  #noteOutcome({ lane, job }: Entry<R, C>, state: Entry<R, C>['state']): void {
    if (lane.replaced || this.#closed) return;
    if (state.kind === 'done') lane.failures.answered();
    if (state.kind !== 'failed') return;
    const run = lane.failures.failed(state.error, this.#now());
    if (run === undefined) return;
    this.#options.failing?.(lane.slot, job, asGoshawkError(state.error, 'inference-failed'), run);
  }

  #timeOut(entry: Entry<R, C>): void {
    if (entry.state.kind !== 'running') return;
    const { lane, job, queue } = entry;
    entry.state = { kind: 'late' };
    lane.late += 1;
    if (!lane.replaced && !this.#closed) this.#watchLate(entry);
    queue.running.splice(queue.running.indexOf(entry), 1);
    queue.tally.dropped.timeout += 1;
    lane.release();
    this.#options.fail(
      job,
      notAnswered(job, lane.timeoutMs, 'If this repeats, the engine is stuck: restart it'),
    );
    this.#flush(queue);
    // Its place among all is free, though not its worker's.
    this.#dispatch();
  }

  #watchLate(entry: Entry<R, C>): void {
    const { lane, job } = entry;
    this.#late.add(entry);
    entry.cancelTimeout = this.#options.clock.after(lane.answerTimeoutMs - lane.timeoutMs, () => {
      if (lane.stuck) return;
      lane.stuck = true;
      const error = notAnswered(job, Math.round(lane.answerTimeoutMs), 'The engine is stuck: restart it');
      this.#options.stuck?.(lane.slot, job, error);
    });
  }

  #noteSlow({ lane, startedMs, job }: Entry<R, C>): void {
    const tookMs = this.#now() - startedMs;
    if (lane.noteSlow(tookMs)) this.#options.slow?.(lane.slot, job, tookMs);
  }

  #replace(lane: Lane<R, C>): Promise<void> {
    for (const entry of this.#late) {
      if (entry.lane !== lane) continue;
      entry.cancelTimeout();
      this.#late.delete(entry);
    }
    return lane.replace();
  }

  /** Hands out the finished results at the head of the line. */
  #flush(queue: NodeQueue<R, C>): void {
    for (let head = queue.running[0]; head !== undefined; head = queue.running[0]) {
      const { state, job } = head;
      if (state.kind === 'running') break;
      // Counted before it is handed out: whoever looks at the counts during the call finds the sum right.
      queue.running.shift();
      if (state.kind === 'done') {
        queue.tally.processed += 1;
        try {
          this.#options.deliver(job, state.result);
        } catch (error) {
          this.#options.fail(job, asGoshawkError(error, 'result-refused'));
        }
      } else {
        queue.tally.dropped.failed += 1;
        const error = state.kind === 'failed' ? state.error : undefined;
        this.#options.fail(job, asGoshawkError(error, 'inference-failed'));
      }
      job.frame.pixels.release();
      head.lane.release();
    }
    // Another one may wait for its place.
    if (queue.running.length === 0 && this.#leaving.delete(queue)) this.#dispatch();
    this.#settleIdle();
  }

  #settleIdle(): void {
    if (this.#idle.length === 0 || this.#leaving.size > 0) return;
    for (const queue of this.#queues.values())
      if (queue.waiting.length > 0 || queue.running.length > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #now(): number {
    return this.#options.clock.monotonicMs();
  }

  #queue(key: string): NodeQueue<R, C> {
    const queue = this.#queues.get(key);
    if (!queue) throw new InternalError('queue-unknown', `"${key}" is not scheduled.`, '');
    return queue;
  }
}

/** A job without a context need not name one. `sinceMs`: when its frame came, default now. */
type OfferArguments<C> = C extends undefined
  ? [frame: Job<C>['frame'], context?: C, sinceMs?: number]
  : [frame: Job<C>['frame'], context: C, sinceMs?: number];

function refused(become: () => void): Promise<void> {
  become();
  return Promise.resolve();
}

function notAnswered<C>({ frame }: Job<C>, limitMs: number, remedy: string): LimitError {
  return new LimitError(
    'inference-timeout',
    `Frame ${frame.sequence} of camera "${frame.camera}" was not answered within ${limitMs} ms.`,
    `${remedy} or load another model.`,
  );
}
