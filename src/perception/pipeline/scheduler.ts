import {
  asGoshawkError,
  type Cancel,
  type Clock,
  type GoshawkError,
  InternalError,
  LimitError,
} from '../../base/index.ts';
import type { Frame } from '../frame.ts';
import { type FailingFrames, FailureRun } from './failure-run.ts';

/**
 * `newest` (live): a frame that waits is superseded by the next one of its camera.
 * `every` (replay): no frame is superseded; the source waits until its frame is taken in work.
 */
export type SchedulingPolicy = 'newest' | 'every';

/**
 * `paused`: the camera is switched off. `closed`: the pipeline ended. `overflow`: a source with policy `every` did not
 * wait. `failed`: the worker could not read it. `timeout`: the worker did not answer in time. `thinned`: left out on purpose.
 */
export const dropReasons = ['paused', 'closed', 'overflow', 'failed', 'timeout', 'thinned'] as const;
export type DropReason = (typeof dropReasons)[number];

/** received = processed + superseded + all of dropped + waiting + inFlight, at every moment. */
export interface FrameCounts {
  readonly received: number;
  readonly processed: number;
  readonly superseded: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly waiting: number;
  readonly inFlight: number;
}

/** What a frame is given to; in the pipeline a detector. */
export interface Worker<R> {
  /** Frames that may be under way at once. */
  readonly capacity: number;
  /** Instead of the scheduler's own limits, where the worker is known to need more. */
  readonly timeoutMs?: number;
  readonly answerTimeoutMs?: number;
  /** The frame stays valid until the promise settles. */
  run(frame: Frame): Promise<R>;
}

export interface SchedulerOptions<R> {
  readonly clock: Clock;
  /** A frame under way for longer is counted as dropped and reported. */
  readonly timeoutMs: number;
  /** A worker that still holds a frame after so long is stuck; default: never. */
  readonly answerTimeoutMs?: number;
  /** A worker that fails every frame for so long is told by `failing`; default: never. */
  readonly failingMs?: number;
  /** A result, in the order of the frames of its camera. The frame is valid during the call only. */
  deliver(frame: Frame, result: R): void;
  /** A frame that gave no result; valid during the call only. Also called for an error that `deliver` threw. */
  fail(frame: Frame, error: GoshawkError): void;
  /** The worker gives no answer. Once per worker. */
  stuck?(frame: Frame, error: GoshawkError): void;
  /** Every frame of the worker fails. */
  failing?(frame: Frame, error: GoshawkError, run: FailingFrames): void;
  /** The worker answered, but too late: from here on it is given more time. Once per worker. */
  slow?(frame: Frame, tookMs: number): void;
}

/** A worker that was seen to need so long gets this much more: for a frame, and before it is called stuck. */
const patience = { frame: 2, answer: 10 };

/** Frames that a source with policy `every` may push without waiting before they are dropped. */
const everyLimit = 8;

interface Lane<R> {
  readonly worker: Worker<R>;
  /** Slots taken, late frames included: a worker that is stuck gets nothing more. */
  busy: number;
  /** Frames whose result is still wanted. */
  wanted: number;
  drained?: () => void;
  timeoutMs: number;
  answerTimeoutMs: number;
  slow: boolean;
  stuck: boolean;
  readonly failures: FailureRun;
}

interface Waiting {
  readonly frame: Frame;
  readonly taken: () => void;
}

interface Entry<R> {
  readonly frame: Frame;
  readonly lane: Lane<R>;
  readonly startedMs: number;
  cancelTimeout: Cancel;
  state:
    | { kind: 'running' }
    | { kind: 'late' }
    | { kind: 'done'; result: R }
    | { kind: 'failed'; error: unknown };
}

interface Queue<R> {
  readonly policy: SchedulingPolicy;
  paused: boolean;
  /** Serial number of the last start; the smallest is served next. */
  servedAt: number;
  waiting: Waiting[];
  /** In the order of their start, so that results come out in that order. */
  running: Entry<R>[];
  received: number;
  processed: number;
  superseded: number;
  readonly dropped: Record<DropReason, number>;
}

/**
 * Decides which frame is worked on next.
 *
 * INVARIANTS
 * - received = processed + superseded + dropped + waiting + inFlight for every camera, after every call;
 * - the pixels of every frame are released exactly once, and never while a worker may still read them;
 * - at most `capacity` frames are with a worker at once, those that timed out included, until it lets go of them;
 * - no frame waits for a worker with a free slot, unless its camera is paused;
 * - of the cameras with a waiting frame the one that was served least recently is next;
 * - results of one camera are delivered in the order in which its frames were received;
 * - with policy `newest` at most one frame of a camera waits, the last one received.
 */
export class Scheduler<R> {
  readonly #options: SchedulerOptions<R>;
  readonly #queues = new Map<string, Queue<R>>();
  #lane: Lane<R>;
  /** Timed out, and still with a worker. */
  readonly #late = new Set<Entry<R>>();
  #serial = 0;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(worker: Worker<R>, options: SchedulerOptions<R>) {
    this.#options = options;
    this.#lane = this.#newLane(worker);
  }

  add(camera: string, policy: SchedulingPolicy): void {
    if (this.#queues.has(camera)) {
      throw new InternalError('camera-twice', `The camera "${camera}" is already scheduled.`, '');
    }
    this.#queues.set(camera, {
      policy,
      paused: false,
      servedAt: 0,
      waiting: [],
      running: [],
      received: 0,
      processed: 0,
      superseded: 0,
      dropped: { paused: 0, closed: 0, overflow: 0, failed: 0, timeout: 0, thinned: 0 },
    });
  }

  /** Takes the frame over. Resolves when it was taken in work, superseded or dropped. */
  offer(camera: string, frame: Frame): Promise<void> {
    const queue = this.#queue(camera);
    queue.received += 1;
    if (this.#closed) return this.#refuse(queue, frame, 'closed');
    if (queue.policy === 'newest') {
      if (queue.paused) return this.#refuse(queue, frame, 'paused');
      for (const old of queue.waiting.splice(0)) {
        queue.superseded += 1;
        letGo(old);
      }
    } else if (queue.waiting.length >= everyLimit) {
      return this.#refuse(queue, frame, 'overflow');
    }
    return new Promise((resolve) => {
      queue.waiting.push({ frame, taken: resolve });
      this.#dispatch();
    });
  }

  /** Takes the frame over and counts it as left out on purpose. */
  skip(camera: string, frame: Frame): Promise<void> {
    const queue = this.#queue(camera);
    queue.received += 1;
    return this.#refuse(queue, frame, 'thinned');
  }

  /** A paused live camera drops its frames; a paused replay waits. Frames under way finish. */
  pause(camera: string): void {
    const queue = this.#queue(camera);
    queue.paused = true;
    if (queue.policy === 'newest') this.#dropWaiting(queue, 'paused');
    this.#settleIdle();
  }

  resume(camera: string): void {
    this.#queue(camera).paused = false;
    this.#dispatch();
  }

  /**
   * From now on frames go to `worker`. Resolves when the old worker owes no result any more: its frames were delivered,
   * failed or timed out. No frame is lost: those that wait go to the new worker.
   */
  use(worker: Worker<R>): Promise<void> {
    const old = this.#lane;
    this.#lane = this.#newLane(worker);
    this.#forgetLate();
    const drained = new Promise<void>((resolve) => {
      if (old.wanted === 0) resolve();
      else old.drained = resolve;
    });
    this.#dispatch();
    return drained;
  }

  /** Resolves when nothing waits and nothing is under way (late frames aside). */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#settleIdle();
    });
  }

  /** Drops what waits, takes nothing more, and resolves when the frames under way settled or timed out. */
  close(): Promise<void> {
    this.#closed = true;
    this.#forgetLate();
    for (const queue of this.#queues.values()) this.#dropWaiting(queue, 'closed');
    return this.idle();
  }

  counts(camera: string): FrameCounts {
    const { received, processed, superseded, dropped, waiting, running } = this.#queue(camera);
    return {
      received,
      processed,
      superseded,
      dropped: { ...dropped },
      waiting: waiting.length,
      inFlight: running.length,
    };
  }

  /** Frames that timed out and that the present worker still holds. */
  get held(): number {
    return this.#lane.busy - this.#lane.wanted;
  }

  #dispatch(): void {
    while (!this.#closed && this.#lane.busy < Math.max(1, this.#lane.worker.capacity)) {
      let next: Queue<R> | undefined;
      for (const queue of this.#queues.values()) {
        if (queue.paused || queue.waiting.length === 0) continue;
        if (next === undefined || queue.servedAt < next.servedAt) next = queue;
      }
      const waiting = next?.waiting.shift();
      if (next === undefined || waiting === undefined) return;
      this.#start(next, waiting);
    }
  }

  #start(queue: Queue<R>, { frame, taken }: Waiting): void {
    const lane = this.#lane;
    this.#serial += 1;
    queue.servedAt = this.#serial;
    lane.busy += 1;
    lane.wanted += 1;
    const entry: Entry<R> = {
      frame,
      lane,
      startedMs: this.#options.clock.monotonicMs(),
      cancelTimeout: this.#options.clock.after(lane.timeoutMs, () => this.#timeOut(queue, entry)),
      state: { kind: 'running' },
    };
    queue.running.push(entry);
    taken();
    // Through a resolved promise, so that a worker that throws at once is a worker that rejects, and one that answers
    // at once can't re-enter.
    Promise.resolve()
      .then(() => lane.worker.run(frame))
      .then(
        (result) => this.#settle(queue, entry, { kind: 'done', result }),
        (error: unknown) => this.#settle(queue, entry, { kind: 'failed', error }),
      );
  }

  #settle(queue: Queue<R>, entry: Entry<R>, state: Entry<R>['state']): void {
    entry.lane.busy -= 1;
    this.#noteOutcome(entry, state);
    if (entry.state.kind === 'late') {
      this.#late.delete(entry);
      entry.cancelTimeout();
      if (state.kind === 'done') this.#noteSlow(entry);
      entry.frame.pixels.release();
      this.#dispatch();
      return;
    }
    entry.cancelTimeout();
    entry.state = state;
    // The slot is free: let the worker start before the result is handed round.
    this.#dispatch();
    this.#flush(queue);
  }

  /** Of a worker that was replaced nobody wants to hear. */
  #noteOutcome({ lane, frame }: Entry<R>, state: Entry<R>['state']): void {
    if (lane !== this.#lane || this.#closed) return;
    if (state.kind === 'done') lane.failures.answered();
    if (state.kind !== 'failed') return;
    const run = lane.failures.failed(state.error, this.#options.clock.monotonicMs());
    if (run !== undefined)
      this.#options.failing?.(frame, asGoshawkError(state.error, 'inference-failed'), run);
  }

  #timeOut(queue: Queue<R>, entry: Entry<R>): void {
    if (entry.state.kind !== 'running') return;
    entry.state = { kind: 'late' };
    if (entry.lane === this.#lane && !this.#closed) this.#watchLate(entry);
    queue.running.splice(queue.running.indexOf(entry), 1);
    queue.dropped.timeout += 1;
    this.#release(entry.lane);
    this.#options.fail(
      entry.frame,
      new LimitError(
        'inference-timeout',
        `Frame ${entry.frame.sequence} of camera "${entry.frame.camera}" was not answered within ${entry.lane.timeoutMs} ms.`,
        'If this repeats, the engine is stuck: restart it or load another model.',
      ),
    );
    this.#flush(queue);
  }

  #watchLate(entry: Entry<R>): void {
    const { lane, frame } = entry;
    this.#late.add(entry);
    entry.cancelTimeout = this.#options.clock.after(lane.answerTimeoutMs - lane.timeoutMs, () => {
      if (lane.stuck) return;
      lane.stuck = true;
      const limitMs = Math.round(lane.answerTimeoutMs);
      this.#options.stuck?.(
        frame,
        new LimitError(
          'inference-timeout',
          `Frame ${frame.sequence} of camera "${frame.camera}" was not answered within ${limitMs} ms.`,
          'The engine is stuck: restart it or load another model.',
        ),
      );
    });
  }

  #noteSlow({ lane, startedMs, frame }: Entry<R>): void {
    const tookMs = this.#options.clock.monotonicMs() - startedMs;
    lane.timeoutMs = Math.max(lane.timeoutMs, patience.frame * tookMs);
    lane.answerTimeoutMs = Math.max(lane.answerTimeoutMs, patience.answer * tookMs);
    if (lane.slow || lane !== this.#lane) return;
    lane.slow = true;
    this.#options.slow?.(frame, tookMs);
  }

  /** Of a worker that is not used any more nobody wants to hear. */
  #forgetLate(): void {
    for (const entry of this.#late) entry.cancelTimeout();
    this.#late.clear();
  }

  #newLane(worker: Worker<R>): Lane<R> {
    const timeoutMs = worker.timeoutMs ?? this.#options.timeoutMs;
    const answerTimeoutMs = worker.answerTimeoutMs ?? this.#options.answerTimeoutMs ?? neverMs;
    return {
      ...{ worker, busy: 0, wanted: 0, timeoutMs, slow: false, stuck: false },
      failures: new FailureRun(this.#options.failingMs ?? neverMs),
      answerTimeoutMs: Math.max(timeoutMs, answerTimeoutMs),
    };
  }

  /** Hands out the finished results at the head of the line. */
  #flush(queue: Queue<R>): void {
    for (let head = queue.running[0]; head !== undefined; head = queue.running[0]) {
      const { state, frame } = head;
      if (state.kind === 'running') break;
      // Counted before it is handed out: whoever looks at the counts during the call finds the sum right.
      queue.running.shift();
      if (state.kind === 'done') {
        queue.processed += 1;
        try {
          this.#options.deliver(frame, state.result);
        } catch (error) {
          this.#options.fail(frame, asGoshawkError(error, 'result-refused'));
        }
      } else {
        queue.dropped.failed += 1;
        const error = state.kind === 'failed' ? state.error : undefined;
        this.#options.fail(frame, asGoshawkError(error, 'inference-failed'));
      }
      frame.pixels.release();
      this.#release(head.lane);
    }
    this.#settleIdle();
  }

  #release(lane: Lane<R>): void {
    lane.wanted -= 1;
    if (lane.wanted === 0) lane.drained?.();
  }

  #refuse(queue: Queue<R>, frame: Frame, reason: DropReason): Promise<void> {
    queue.dropped[reason] += 1;
    frame.pixels.release();
    return Promise.resolve();
  }

  #dropWaiting(queue: Queue<R>, reason: DropReason): void {
    for (const waiting of queue.waiting.splice(0)) {
      queue.dropped[reason] += 1;
      letGo(waiting);
    }
  }

  #settleIdle(): void {
    for (const queue of this.#queues.values()) {
      if (queue.waiting.length > 0 || queue.running.length > 0) return;
    }
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #queue(camera: string): Queue<R> {
    const queue = this.#queues.get(camera);
    if (!queue) throw new InternalError('camera-unknown', `The camera "${camera}" is not scheduled.`, '');
    return queue;
  }
}

/** As long as a timer can wait. */
const neverMs = 2 ** 31 - 1;

function letGo({ frame, taken }: Waiting): void {
  frame.pixels.release();
  taken();
}
