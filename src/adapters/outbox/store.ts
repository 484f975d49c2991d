import { defined, GoshawkError, LimitError } from '../../base/index.ts';
import { moduleUrl, WorkerHost } from '../../platform/index.ts';
import type { OpenedStore, OutboxStore, StoredEntry, Thinning } from '../../telemetry/index.ts';
import type { OutboxThread } from './worker.ts';

export interface SqliteOutboxOptions {
  /** Made when it is not there; holds `outbox.db`. */
  readonly folder: string;
  /** Hard limit of the file; half as much again as the outbox may hold leaves room for pages that are half full. */
  readonly maxFileBytes: number;
  /** Wall clock, for where numbers begin in a new file. */
  readonly nowMs: () => number;
}

/** The outbox in a SQLite file, written by a thread of its own: a commit waits for the disk, the event loop does not. */
export class SqliteOutboxStore implements OutboxStore {
  readonly #options: SqliteOutboxOptions;
  #host: WorkerHost<OutboxThread> | undefined;

  constructor(options: SqliteOutboxOptions) {
    this.#options = options;
  }

  async open(): Promise<OpenedStore> {
    const { folder, maxFileBytes, nowMs } = this.#options;
    const host = new WorkerHost<OutboxThread>({
      module: moduleUrl('./worker', import.meta.url),
      name: 'goshawk-outbox',
      data: { folder, maxFileBytes },
      what: 'The outbox',
      death: (why, cause) =>
        new LimitError('outbox-disk', `The outbox in ${folder} stopped: ${why}.`, 'Start the agent again.', {
          cause,
        }),
    });
    this.#host = host;
    try {
      return await host.call('open', nowMs());
    } catch (error) {
      await this.close().catch(() => {});
      throw error;
    }
  }

  async append(stored: StoredEntry, thinning?: Thinning): Promise<void> {
    const operation = {
      kind: 'append' as const,
      entry: stored,
      ...defined({ thinning }),
    };
    await this.#opened().call('apply', operation);
  }

  async read(number: number): Promise<Uint8Array | undefined> {
    return this.#opened().call('read', number);
  }

  async remove(entries: readonly number[]): Promise<void> {
    await this.#opened().call('apply', { kind: 'remove', entries });
  }

  async close(): Promise<void> {
    const host = this.#host;
    this.#host = undefined;
    await host?.close();
  }

  #opened(): WorkerHost<OutboxThread> {
    if (this.#host === undefined)
      throw new GoshawkError('outbox-closed', 'The outbox is not open.', 'Open it first.');
    return this.#host;
  }
}
