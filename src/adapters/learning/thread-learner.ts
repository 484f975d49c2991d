import { Worker } from 'node:worker_threads';
import type { Learner } from '../../agent/index.ts';
import { CancelledError, GoshawkError } from '../../base/index.ts';
import {
  type ProfileOptions,
  type ProfileProgress,
  parseProfile,
  type ReferenceProfile,
  type Thumbnail,
} from '../../drift/index.ts';
import type { PerceptionResult } from '../../perception/index.ts';
import type { FromThread, LearnSettings, ToThread } from './messages.ts';

const entry = new URL(
  import.meta.url.endsWith('.ts') ? './thread-from-source.mjs' : './thread.js',
  import.meta.url,
);

interface Waiting {
  readonly resolve: (profile: ReferenceProfile) => void;
  readonly reject: (error: GoshawkError) => void;
}

/** Learns a reference profile in a worker thread. What goes wrong there is told when the profile is asked for. */
export class ThreadLearner implements Learner {
  readonly #worker: Worker;
  #progress: ProfileProgress = { ticks: 0, started: 0, ready: 0 };
  #failure: GoshawkError | undefined;
  #waiting: Waiting | undefined;

  constructor(options: ProfileOptions) {
    const workerData: LearnSettings = options;
    this.#worker = new Worker(entry, { workerData, execArgv: [], name: 'goshawk-learning' });
    // A device that is told to end does not wait for it.
    this.#worker.unref();
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

  observe(thumbnail: Thumbnail, { identity, look: _, ...rest }: PerceptionResult, atMs: number): void {
    this.#post({ kind: 'frame', thumbnail, result: { ...rest, digest: identity.digest }, atMs });
  }

  finish(): Promise<ReferenceProfile> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting = { resolve, reject };
      this.#post({ kind: 'finish' });
    });
  }

  close(): void {
    void this.#worker.terminate();
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
        this.#waiting?.resolve(parseProfile(message.text, 'The learned profile'));
        this.#waiting = undefined;
        return;
      case 'failed':
        this.#fail(new GoshawkError(message.code, message.message, message.remedy));
    }
  }

  #fail(error: GoshawkError): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}

function died(cause: Error): GoshawkError {
  return new GoshawkError(
    'profile-failed',
    `The thread that learned the profile died: ${cause.message}.`,
    'Give a new order to learn; if it happens again, look at the memory of the device.',
    { cause },
  );
}
