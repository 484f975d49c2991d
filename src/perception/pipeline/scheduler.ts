import { asGoshawkError, InternalError } from '../../base/index.ts';
import type { FrameCounts, SkipReason } from './frame-counts.ts';
import { type Job, Lane, type Worker } from './lane.ts';
import { LaneWatch, notAnswered } from './lane-watch.ts';
import { type Entry, NodeQueue, type Punctuality, type QueueOptions, type Waiting } from './node-queue.ts';
import { chooseNext } from './order.ts';
import type { SchedulerOptions } from './scheduler-options.ts';

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
  readonly #watch: LaneWatch<R, C>;
  /** Removed, and still with jobs under way. */
  readonly #leaving = new Set<NodeQueue<R, C>>();
  #serial = 0;
  #turns = 0;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(options: SchedulerOptions<R, C>) {
    this.#options = options;
    this.#watch = new LaneWatch(options);
  }

  /** `before`: what `remove` gave, where this queue takes its place: its counts go on, and its frames come out first. */
  add(key: string, options: QueueOptions, before?: NodeQueue<R, C>): void {
    if (this.#queues.has(key)) throw new InternalError('queue-twice', `"${key}" is already scheduled.`, '');
    this.#queues.set(key, new NodeQueue(key, options, before));
  }

  /**
   * Another graph takes the place of the queue's: what is under way is delivered. A live frame that waits is superseded, since
   * the next one is seen by the new graph; one of a recording is dropped.
   */
  remove(key: string): NodeQueue<R, C> {
    const queue = this.#queue(key);
    this.#queues.delete(key);
    queue.clear((job) => (queue.policy === 'newest' ? queue.supersede(job) : queue.drop(job, 'closed')));
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
    if (queue.paused === 'drops') return refused(() => queue.drop(job, 'paused'));
    const replaces = queue.policy === 'newest' && queue.waiting.length > 0;
    if (queue.policy === 'newest') {
      queue.clear((old) => queue.supersede(old));
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

  /**
   * A paused live queue drops its frames; a paused replay waits, but where its source is to close: that waits for its frame.
   * Jobs under way finish.
   */
  pause(key: string, closing = false): void {
    const queue = this.#queue(key);
    queue.paused = closing || queue.policy === 'newest' ? 'drops' : 'waits';
    if (queue.paused === 'drops') queue.clear((job) => queue.drop(job, 'paused'));
    this.#settleIdle();
  }

  resume(key: string): void {
    this.#queue(key).paused = undefined;
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

  /** Resolves when no job waits or runs (late jobs aside). */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#settleIdle();
    });
  }

  /** Drops what waits, takes nothing more, and resolves when the jobs under way settled or timed out. */
  close(): Promise<void> {
    this.#closed = true;
    this.#watch.close();
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
    this.#watch.settled(entry, state);
    if (entry.state.kind === 'late') {
      entry.lane.late -= 1;
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

  #timeOut(entry: Entry<R, C>): void {
    if (entry.state.kind !== 'running') return;
    const { lane, job, queue } = entry;
    entry.state = { kind: 'late' };
    lane.late += 1;
    this.#watch.late(entry);
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

  #replace(lane: Lane<R, C>): Promise<void> {
    this.#watch.forget(lane);
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
