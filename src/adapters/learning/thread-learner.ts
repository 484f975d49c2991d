import { rm } from 'node:fs/promises';
import type { Worker } from 'node:worker_threads';
import type { LearnedProfile, Learner, LearnerOptions } from '../../agent/index.ts';
import { asGoshawkError, CancelledError, describeError, GoshawkError, type Log } from '../../base/index.ts';
import type { ProfileProgress, Thumbnail } from '../../drift/index.ts';
import type { PerceptionResult } from '../../perception/index.ts';
import { type FrameBatch, FrameBatcher } from './frame-batch.ts';
import { takeOver } from './hand-over.ts';
import { keptFiles } from './kept-file.ts';
import type { Failed, FromThread, HandedOver, ToThread } from './messages.ts';
import { startThread } from './profile-thread.ts';

interface Waiting {
  readonly resolve: (learned: LearnedProfile) => void;
  readonly reject: (error: GoshawkError) => void;
}

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
  readonly #worker: Worker;
  readonly #batcher = new FrameBatcher();
  readonly #disk: LearnerDisk | undefined;
  readonly #onLost: LearnerOptions['onLost'];
  #progress: ProfileProgress = { ticks: 0, started: 0, ready: 0 };
  #failure: GoshawkError | undefined;
  #waiting: Waiting | undefined;

  /** Without a disk nothing is kept over a restart. */
  constructor({ order, keepEverySeconds, onLost, ...options }: LearnerOptions, disk?: LearnerDisk) {
    this.#disk = disk;
    this.#onLost = onLost;
    const keep = disk && { path: disk.path, order, everySeconds: keepEverySeconds };
    this.#worker = startThread({ kind: 'learn', options, ...(keep === undefined ? {} : { keep }) });
    this.#worker.on('message', (message: FromThread) => this.#take(message));
    this.#worker.on('error', (cause) => this.#fail(died(cause)));
    this.#worker.on('exit', () => this.#fail(new CancelledError('Learning the profile')));
  }

  get progress(): ProfileProgress {
    return this.#progress;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  observe(thumbnail: Thumbnail, result: PerceptionResult, atMs: number): void {
    this.#send(this.#batcher.add(thumbnail, result, atMs));
  }

  finish(): Promise<LearnedProfile> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting = { resolve, reject };
      this.#send(this.#batcher.take());
      this.#post({ kind: 'finish' });
    });
  }

  close(): void {
    void this.#worker.terminate();
  }

  discard(): void {
    // Only when it writes no more.
    void this.#worker.terminate().then(() => this.#remove());
  }

  async #remove(): Promise<void> {
    if (this.#disk === undefined) return;
    const { path, log } = this.#disk;
    try {
      for (const file of keptFiles(path)) await rm(file, { force: true });
    } catch (error) {
      // It is of an order that nobody gives again: the next one looks at its name and goes on without it.
      log.warn('What was learned so far was not removed', { path, reason: describeError(error) });
    }
  }

  #send(batch: FrameBatch | undefined): void {
    if (batch !== undefined) this.#post({ kind: 'frames', batch });
  }

  #post(message: ToThread): void {
    if (this.#failure === undefined) this.#worker.postMessage(message);
  }

  #take(message: FromThread): void {
    switch (message.kind) {
      case 'progress':
        this.#progress = message.progress;
        return;
      case 'profile':
        void this.#takeOver(message);
        return;
      case 'failed':
        this.#fail(errorOf(message));
        return;
      case 'lost':
        this.#onLost(errorOf(message));
        return;
      case 'not-kept':
        this.#disk?.log.warn('What was learned so far was not kept; a restart would cost it', {
          path: this.#disk.path,
          reason: message.message,
        });
    }
  }

  async #takeOver({ pieces, digest, bytes = new Uint8Array() }: HandedOver): Promise<void> {
    try {
      const profile = await takeOver(pieces);
      this.#waiting?.resolve({ profile, digest, bytes });
      this.#waiting = undefined;
    } catch (error) {
      this.#fail(asGoshawkError(error, 'profile-failed'));
    }
  }

  #fail(error: GoshawkError): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}

function errorOf({ code, message, remedy }: Failed): GoshawkError {
  return new GoshawkError(code, message, remedy);
}

function died(cause: Error): GoshawkError {
  return new GoshawkError(
    'profile-failed',
    `The thread that learned the profile died: ${cause.message}.`,
    'Give a new order to learn; if it happens again, look at the memory of the device.',
    { cause },
  );
}
