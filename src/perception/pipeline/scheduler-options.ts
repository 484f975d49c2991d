import type { Clock, GoshawkError } from '../../base/index.ts';
import type { FailingFrames } from './failure-run.ts';
import type { Job, LaneLimits } from './lane.ts';

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
