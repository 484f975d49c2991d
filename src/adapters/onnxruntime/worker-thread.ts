import { Worker } from 'node:worker_threads';
import { describeError, GoshawkError } from '../../base/index.ts';
import type { DetectionSettings, DetectorResult, Image } from '../../perception/index.ts';
import { unpackError } from './error-message.ts';
import type { FromWorker, NetworkOptions, ToWorker } from './messages.ts';

interface Waiting {
  readonly resolve: (result: DetectorResult) => void;
  readonly reject: (error: GoshawkError) => void;
}

const entry = new URL(
  import.meta.url.endsWith('.ts') ? './worker-from-source.mjs' : './worker.js',
  import.meta.url,
);

/**
 * One worker thread with one network: the main thread's end of it.
 *
 * INVARIANTS
 * - every promise handed out settles, whatever happens to the thread;
 * - one frame is under way at a time (the caller waits), so its slot of shared memory is never overwritten while it is read.
 */
export class WorkerThread {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #sick: (invalid: number) => void;
  #slot = new SharedArrayBuffer(0);
  #waiting: Waiting | undefined;
  #lastId = 0;
  #failure: GoshawkError | undefined;
  #closing = false;

  private constructor(options: NetworkOptions, sick: (invalid: number) => void) {
    this.#sick = sick;
    // The library reads it from the process, not from the worker's copy: no telemetry to its maker.
    process.env.ORT_DISABLE_TELEMETRY ??= '1';
    this.#worker = new Worker(entry, {
      workerData: options,
      // Flags of the main thread (inspector, loaders) are not for the worker.
      execArgv: [],
      name: `goshawk-${options.modelName}`,
    });
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
  }

  /**
   * Resolves when the network is loaded and warm; rejects with the reason why it can't be. `sick` hears of outputs that
   * are NaN or infinite.
   */
  static async start(options: NetworkOptions, sick: (invalid: number) => void): Promise<WorkerThread> {
    const thread = new WorkerThread(options, sick);
    try {
      await thread.#ready();
    } catch (error) {
      await thread.#worker.terminate();
      throw error;
    }
    return thread;
  }

  get alive(): boolean {
    return this.#failure === undefined && !this.#closing;
  }

  detect(image: Image, settings: DetectionSettings): Promise<DetectorResult> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting = { resolve, reject };
      this.#lastId += 1;
      const shared = { ...image, data: this.#share(image.data) };
      this.#send({ kind: 'detect', id: this.#lastId, image: shared, settings });
    });
  }

  async close(): Promise<void> {
    if (this.alive) {
      this.#closing = true;
      this.#send({ kind: 'close' });
    }
    await this.#exited;
  }

  #ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'failed') reject(unpackError(message.error));
        else this.#settle(message);
      });
      this.#worker.once('error', (error) => {
        this.#fail(describeError(error), error);
        if (this.#failure !== undefined) reject(this.#failure);
      });
      this.#worker.once('exit', (code) => {
        if (this.#closing) return;
        this.#fail(`it ended with exit code ${code}`, undefined);
        if (this.#failure !== undefined) reject(this.#failure);
      });
    });
  }

  #settle(message: Extract<FromWorker, { readonly id: number }>): void {
    const waiting = this.#waiting;
    if (waiting === undefined || message.id !== this.#lastId) return;
    this.#waiting = undefined;
    if (message.kind === 'result') {
      if (message.invalid > 0) this.#sick(message.invalid);
      waiting.resolve(message.result);
    } else waiting.reject(unpackError(message.error));
  }

  #fail(why: string, cause: unknown): void {
    this.#failure ??= new GoshawkError(
      'detector-crashed',
      `The worker thread of the detector died: ${why}.`.replace(/\.+$/, '.'),
      'It is started again with the next frame; if it keeps dying, use another variant or engine (--engine, --variant).',
      { cause },
    );
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(this.#failure);
  }

  /** Pixels that lie in shared memory go as they are; others are copied into this thread's slot. */
  #share(data: Uint8Array): Uint8Array {
    if (data.buffer instanceof SharedArrayBuffer) return data;
    if (this.#slot.byteLength < data.length) this.#slot = new SharedArrayBuffer(data.length);
    const slot = new Uint8Array(this.#slot, 0, data.length);
    slot.set(data);
    return slot;
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
