import { Worker } from 'node:worker_threads';
import {
  describeError,
  GoshawkError,
  InternalError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../base/index.ts';
import type { Answer, Request, WorkerSetup } from './messages.ts';

/** From a checkout the thread is TypeScript and needs a loader of its own; the built package has plain JavaScript. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? './worker-from-source.mjs' : './worker.js',
  import.meta.url,
);

interface Waiting {
  resolve(result: unknown): void;
  reject(error: GoshawkError): void;
}

const kinds = new Map(
  [LimitError, MissingError, RefusedError, InternalError].map((kind) => [kind.name, kind]),
);

/** A thread with one connection; requests are answered in order. */
export class DatabaseThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #ended: GoshawkError | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Rejects with what is wrong with the file. */
  static async open(setup: WorkerSetup): Promise<DatabaseThread> {
    const worker = new Worker(entry, {
      workerData: setup,
      // Flags of the main thread (inspector, loaders) are not for the worker.
      execArgv: [],
      name: `database-${setup.role}`,
    });
    const thread = new DatabaseThread(worker);
    const started = new Promise<unknown>((resolve, reject) => {
      thread.#waiting.set(0, { resolve, reject });
    });
    worker.on('message', (answer: Answer) => thread.#answered(answer));
    worker.on('error', (error) => thread.#end(describeError(error)));
    worker.on('exit', (code) => thread.#end(`it ended with ${code}`));
    await started;
    return thread;
  }

  ask<T>(request: Request): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#worker.postMessage({ id, request });
    });
  }

  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    await this.ask({ op: 'close' });
    await exited;
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.ok) waiting?.resolve(answer.result);
    else {
      const kind = kinds.get(answer.kind) ?? GoshawkError;
      waiting?.reject(new kind(answer.code, answer.message, answer.remedy));
    }
  }

  #end(why: string): void {
    this.#ended ??= new InternalError(
      'database-thread',
      `The database thread is gone: ${why}.`,
      'Restart the controller; nothing that it acknowledged is lost.',
    );
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}
