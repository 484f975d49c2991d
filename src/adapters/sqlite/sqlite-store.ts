import type {
  Alert,
  AlertQuery,
  AuditCheck,
  AuditEntry,
  DriftIncident,
  DriftIncidentQuery,
  DriftStatusChange,
  DriftView,
  EventQuery,
  FleetEvent,
} from '../../api/index.ts';
import { InternalError } from '../../base/index.ts';
import type {
  Commit,
  CommitResult,
  LoadSince,
  MetricRequest,
  MetricResult,
  Retention,
  Store,
  StoredFleet,
} from '../../controller/index.ts';
import { moduleUrl, WorkerHost } from '../../platform/index.ts';
import type { ConnectionOptions, DatabaseThread } from './service.ts';

export interface SqliteStoreOptions {
  readonly file: string;
  /** The database does not grow beyond so many pages of 8 KiB; for tests of a full disk. */
  readonly maxPages?: number;
}

/** Where requests are answered, in their order: a thread, or in tests the same thread. */
export type Connection = Pick<WorkerHost<DatabaseThread>, 'call' | 'close'>;

const mostSteps = 200;

/** The controller's store in one SQLite file (WAL), a thread for writing and one for questions. */
export class SqliteStore implements Store {
  readonly #writer: Connection;
  readonly #reader: Connection;

  constructor(writer: Connection, reader: Connection) {
    this.#writer = writer;
    this.#reader = reader;
  }

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

  load(since: LoadSince): Promise<StoredFleet> {
    return this.#writer.call('load', since);
  }

  commit(commit: Commit): Promise<CommitResult> {
    return this.#writer.call('commit', commit);
  }

  metrics(request: MetricRequest): Promise<MetricResult> {
    return this.#reader.call('metrics', request);
  }

  events(
    query: EventQuery & { readonly device?: string },
  ): Promise<{ events: readonly FleetEvent[]; next?: number }> {
    return this.#reader.call('events', query);
  }

  driftIncidents(
    query: DriftIncidentQuery & { readonly devices?: readonly string[] },
  ): Promise<{ incidents: readonly DriftIncident[]; next?: number }> {
    return this.#reader.call('driftIncidents', query);
  }

  driftIncident(id: string): Promise<{ incident: DriftIncident; view?: DriftView } | undefined> {
    return this.#reader.call('driftIncident', id);
  }

  driftHistory(device: string, limit: number): Promise<readonly DriftStatusChange[]> {
    return this.#reader.call('driftHistory', { device, limit });
  }

  alerts(query: AlertQuery): Promise<{ alerts: readonly Alert[]; next?: number }> {
    return this.#reader.call('alerts', query);
  }

  audit(before: number | undefined, limit: number): Promise<readonly AuditEntry[]> {
    return this.#reader.call('audit', { before, limit });
  }

  checkAudit(): Promise<AuditCheck> {
    return this.#reader.call('checkAudit');
  }

  /** Step by step, so that commits get their turn in between. */
  async retain(retention: Retention, nowMs: number): Promise<{ rows: number; bytes: number }> {
    const dropped = { rows: 0, bytes: 0 };
    for (let step = 0; step < mostSteps; step++) {
      const { rows, bytes } = await this.#writer.call('retainStep', { retention, nowMs });
      if (rows === 0) break;
      dropped.rows += rows;
      dropped.bytes += bytes;
    }
    return dropped;
  }

  sizeBytes(): Promise<number> {
    return this.#reader.call('sizeBytes');
  }

  async close(): Promise<void> {
    await this.#reader.close();
    await this.#writer.close();
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
