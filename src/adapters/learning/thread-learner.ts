import type { LearnedProfile, Learner, LearnerOptions } from '../../agent/index.ts';
import { asGoshawkError, defined, describeError, GoshawkError, type Log } from '../../base/index.ts';
import type { ProfileProgress, WatchedResult } from '../../drift/index.ts';
import type { Thumbnail } from '../../perception/index.ts';
import { moduleUrl, type PackedError, unpackError, WorkerHost } from '../../platform/index.ts';
import { type FrameBatch, FrameBatcher } from './frame-batch.ts';
import { takeOver } from './hand-over.ts';
import { removeKept } from './kept-file.ts';
import type { LearnerThread } from './learner-thread.ts';

export interface LearnerDisk {
  /** The file that what was learned so far is kept in. */
  readonly path: string;
  readonly log: Log;
}

/**
 * Learns a reference profile in a worker thread, a second behind. What goes wrong there is told when the profile is asked
 * for.
 */
export class ThreadLearner implements Learner {
  readonly #host: WorkerHost<LearnerThread>;
  readonly #batcher = new FrameBatcher();
  readonly #disk: LearnerDisk | undefined;
  #progress: ProfileProgress = { ticks: 0, started: 0, ready: 0 };
  #failure: GoshawkError | undefined;

  /** Without a disk nothing is kept over a restart. */
  constructor({ order, keepEverySeconds, onLost, ...options }: LearnerOptions, disk?: LearnerDisk) {
    this.#disk = disk;
    const keep = disk && { path: disk.path, order, everySeconds: keepEverySeconds };
    this.#host = new WorkerHost<LearnerThread>({
      module: moduleUrl('./learner-thread', import.meta.url),
      name: 'goshawk-learn',
      data: { options, ...defined({ keep }) },
      what: 'Learning the profile',
      death: (why, cause) =>
        new GoshawkError(
          'profile-failed',
          `The thread that learned the profile died: ${why}.`,
          'Give a new order to learn; if it happens again, check the memory of the device.',
          { cause },
        ),
      onNotice: {
        progress: (progress) => {
          this.#progress = progress;
        },
        lost: (error) => onLost(unpackError(error)),
        notKept: (error) => this.#warnNotKept(error),
      },
      // A device that is told to end does not wait for it.
      holdsProcess: 'never',
    });
  }

  get progress(): ProfileProgress {
    return this.#progress;
  }

  get failed(): boolean {
    return (this.#failure ?? this.#host.failure) !== undefined;
  }

  observe(thumbnail: Thumbnail, result: WatchedResult, atMs: number): void {
    this.#send(this.#batcher.add(thumbnail, result, atMs));
  }

  async finish(): Promise<LearnedProfile> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#send(this.#batcher.take());
      const { pieces, digest, bytes } = await this.#host.call('finish');
      return { profile: await takeOver(pieces), digest, bytes };
    } catch (error) {
      this.#failure = asGoshawkError(error, 'profile-failed');
      throw this.#failure;
    }
  }

  close(): void {
    void this.#host.terminate();
  }

  discard(): void {
    // Only when it writes no more.
    void this.#host.terminate().then(() => this.#remove());
  }

  async #remove(): Promise<void> {
    if (this.#disk === undefined) return;
    const { path, log } = this.#disk;
    await removeKept(path).catch((error: unknown) =>
      // It belongs to an order that will not come again: the next one sees its name and continues without it.
      log.warn('The old learned state was not removed', { path, reason: describeError(error) }),
    );
  }

  #send(batch: FrameBatch | undefined): void {
    if (batch !== undefined) this.#host.send('observe', batch);
  }

  #warnNotKept({ message }: PackedError): void {
    this.#disk?.log.warn('The learned state was not stored; a restart would lose it', {
      path: this.#disk.path,
      reason: message,
    });
  }
}
