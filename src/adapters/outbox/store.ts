import { Worker } from 'node:worker_threads';
import { GoshawkError, LimitError } from '../../base/index.ts';
import type { OpenedStore, OutboxStore, StoredEntry, Thinning } from '../../telemetry/index.ts';
import { type Answer, type FromWorker, type Request, unpackError } from './messages.ts';

export interface SqliteOutboxOptions {
  /** Made when it is not there; holds `outbox.db`. */
  readonly folder: string;
  /** Hard limit of the file; half as much again as the outbox may hold leaves room for pages that are half full. */
  readonly maxFileBytes: number;
  /** Wall clock, for where numbers begin in a new file. */
  readonly nowMs: () => number;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: GoshawkError) => void;
}

const entry = new URL(
  import.meta.url.endsWith('.ts') ? './worker-from-source.mjs' : './worker.js',
  import.meta.url,
);

/** The outbox in a SQLite file, written by a thread of its own: a commit waits for the disk, the event loop does not. */
export class SqliteOutboxStore implements OutboxStore {
  readonly #options: SqliteOutboxOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #failure: GoshawkError | undefined;
  #lastId = 0;

  constructor(options: SqliteOutboxOptions) {
    this.#options = options;
  }

  async open(): Promise<OpenedStore> {
    const { folder, maxFileBytes, nowMs } = this.#options;
    const worker = new Worker(entry, {
      workerData: { folder, maxFileBytes },
      execArgv: [],
      name: 'goshawk-outbox',
    });
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#answered(message));
    worker.on('error', (error) => this.#died(worker, error));
    worker.on('exit', () => this.#died(worker, new Error('its thread ended')));
    try {
      return (await this.#ask({ kind: 'open', nowMs: nowMs() })) as OpenedStore;
    } catch (error) {
      await this.close().catch(() => {});
      throw error;
    }
  }

  async append(stored: StoredEntry, thinning?: Thinning): Promise<void> {
    const operation = {
      kind: 'append' as const,
      entry: stored,
      ...(thinning === undefined ? {} : { thinning }),
    };
    await this.#ask({ kind: 'apply', operation });
  }

  async read(number: number): Promise<Uint8Array | undefined> {
    return (await this.#ask({ kind: 'read', entry: number })) as Uint8Array | undefined;
  }

  async remove(entries: readonly number[]): Promise<void> {
    await this.#ask({ kind: 'apply', operation: { kind: 'remove', entries } });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    if (this.#failure === undefined) {
      worker.postMessage({ id: ++this.#lastId, kind: 'close' });
      await exited;
    } else await worker.terminate();
  }

  #ask(request: Request): Promise<Answer> {
    const worker = this.#worker;
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (worker === undefined)
      return Promise.reject(new GoshawkError('outbox-closed', 'The outbox is not open.', 'Open it first.'));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, ...request });
    });
  }

  #answered(message: FromWorker): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.ok) waiting?.resolve(message.answer);
    else waiting?.reject(unpackError(message.error));
  }

  #died(worker: Worker, cause: Error): void {
    if (this.#worker !== worker) return;
    this.#failure ??= new LimitError(
      'outbox-disk',
      `The outbox in ${this.#options.folder} stopped: ${cause.message}.`,
      'Start the agent again.',
      { cause },
    );
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
