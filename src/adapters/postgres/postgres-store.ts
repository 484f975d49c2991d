import { InternalError } from '../../base/index.ts';
import { ConnectedStore } from '../../controller/index.ts';
import { moduleUrl, WorkerHost } from '../../platform/index.ts';
import type { ConnectionOptions, DatabaseThread } from './service.ts';
import type { DatabaseAddress } from './session.ts';

export interface PostgresStoreOptions {
  readonly address: DatabaseAddress;
  /** Another controller has the database; `open` resolves when this one has it. */
  readonly onStandby?: () => void;
  /** Another controller has taken it over: this one can write nothing more and must end. */
  readonly onTaken?: () => void;
  /** Ends the waiting for its turn. */
  readonly signal?: AbortSignal;
}

/** The controller's store in PostgreSQL, a thread and a connection for writing and one for questions. */
export class PostgresStore extends ConnectedStore {
  /** Makes the tables, and waits for its turn; rejects with a GoshawkError `database-...`. */
  static async open(options: PostgresStoreOptions): Promise<PostgresStore> {
    const { address } = options;
    const writer = await startThread({ address, role: 'writer' }, options);
    try {
      return new PostgresStore(writer, await startThread({ address, role: 'reader' }, options));
    } catch (error) {
      await writer.close();
      throw error;
    }
  }
}

/** A thread with one connection; rejects with what is wrong with the database. */
async function startThread(
  data: ConnectionOptions,
  { onStandby, onTaken, signal }: PostgresStoreOptions,
): Promise<WorkerHost<DatabaseThread>> {
  const host = new WorkerHost<DatabaseThread>({
    module: moduleUrl('./worker', import.meta.url),
    name: `database-${data.role}`,
    data,
    what: 'The work of the database',
    death: (why, cause) =>
      new InternalError(
        'database-thread',
        `The database thread is gone: ${why}.`,
        'Restart the controller; all data that it acknowledged is stored.',
        { cause },
      ),
    onNotice: { standby: () => onStandby?.(), taken: () => onTaken?.() },
  });
  const stop = () => void host.terminate();
  signal?.addEventListener('abort', stop);
  try {
    if (signal?.aborted) stop();
    await host.ready;
    return host;
  } catch (error) {
    await host.terminate();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
