import { asGoshawkError, LimitError } from '../../base/index.ts';
import type { Job, Lane } from './lane.ts';
import type { Entry } from './node-queue.ts';
import type { SchedulerOptions } from './scheduler-options.ts';

/**
 * What there is to tell of workers: one that answers late, or never, or fails every job. Of one that was replaced nobody wants
 * to hear.
 */
export class LaneWatch<R, C> {
  readonly #options: SchedulerOptions<R, C>;
  /** Timed out, and still with a worker. */
  readonly #late = new Set<Entry<R, C>>();
  #closed = false;

  constructor(options: SchedulerOptions<R, C>) {
    this.#options = options;
  }

  /** The worker let go of the job; before its own state is changed. */
  settled(entry: Entry<R, C>, state: Entry<R, C>['state']): void {
    const { lane, job } = entry;
    this.#tellFailing(lane, job, state);
    this.#late.delete(entry);
    if (entry.state.kind !== 'late' || state.kind !== 'done') return;
    const tookMs = this.#options.clock.monotonicMs() - entry.startedMs;
    if (lane.noteSlow(tookMs)) this.#options.slow?.(lane.slot, job, tookMs);
  }

  /** The job timed out, and its worker still has it. */
  late(entry: Entry<R, C>): void {
    const { lane, job } = entry;
    if (lane.replaced || this.#closed) return;
    this.#late.add(entry);
    entry.cancelTimeout = this.#options.clock.after(lane.answerTimeoutMs - lane.timeoutMs, () => {
      if (lane.stuck) return;
      lane.stuck = true;
      const error = notAnswered(job, Math.round(lane.answerTimeoutMs), 'The engine is stuck: restart it');
      this.#options.stuck?.(lane.slot, job, error);
    });
  }

  /** It is replaced. */
  forget(lane: Lane<R, C>): void {
    for (const entry of this.#late) {
      if (entry.lane !== lane) continue;
      entry.cancelTimeout();
      this.#late.delete(entry);
    }
  }

  close(): void {
    this.#closed = true;
    for (const entry of this.#late) entry.cancelTimeout();
    this.#late.clear();
  }

  #tellFailing(lane: Lane<R, C>, job: Job<C>, state: Entry<R, C>['state']): void {
    if (lane.replaced || this.#closed) return;
    if (state.kind === 'done') lane.failures.answered();
    if (state.kind !== 'failed') return;
    const run = lane.failures.failed(state.error, this.#options.clock.monotonicMs());
    if (run === undefined) return;
    this.#options.failing?.(lane.slot, job, asGoshawkError(state.error, 'inference-failed'), run);
  }
}

export function notAnswered<C>({ frame }: Job<C>, limitMs: number, remedy: string): LimitError {
  return new LimitError(
    'inference-timeout',
    `Frame ${frame.sequence} of camera "${frame.camera}" was not answered within ${limitMs} ms.`,
    `${remedy} or load another model.`,
  );
}
