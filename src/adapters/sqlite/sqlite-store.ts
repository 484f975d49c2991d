import { InternalError } from '../../base/index.ts';
import { ConnectedStore } from '../../controller/index.ts';
import { moduleUrl, WorkerHost } from '../../platform/index.ts';
import type { ConnectionOptions, DatabaseThread } from './service.ts';

export interface SqliteStoreOptions {
  readonly file: string;
  /** The database does not grow beyond so many pages of 8 KiB; for tests of a full disk. */
  readonly maxPages?: number;
}

/** The controller's store in one SQLite file (WAL), a thread for writing and one for questions. */
export class SqliteStore extends ConnectedStore {
  /** Creates the file or brings it to the newest schema; rejects with a GoshawkError `database-...`. */
  static async open(options: SqliteStoreOptions): Promise<SqliteStore> {
    const writer = await startThread({ ...options, role: 'writer' });
    try {
      return new SqliteStore(writer, await startThread({ file: options.file, role: 'reader' }));
    } catch (error) {
      await writer.close();
      throw error;
    }
  }
}

/** A thread with one connection; rejects with what is wrong with the file. */
function startThread(data: ConnectionOptions): Promise<WorkerHost<DatabaseThread>> {
  return WorkerHost.start<DatabaseThread>({
    module: moduleUrl('./worker', import.meta.url),
    name: `database-${data.role}`,
    data,
    what: 'The work of the database',
    death: (why, cause) =>
      new InternalError(
        'database-thread',
        `The database thread is gone: ${why}.`,
        'Restart the controller. Acknowledged data is safe.',
        { cause },
      ),
  });
}
