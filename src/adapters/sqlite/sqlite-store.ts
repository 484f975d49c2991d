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
import { DatabaseThread } from './database-thread.ts';
import type { Request } from './messages.ts';

export interface SqliteStoreOptions {
  readonly file: string;
  /** The database does not grow beyond so many pages of 8 KiB; for tests of a full disk. */
  readonly maxPages?: number;
}

/** Where requests are answered: a thread, or in tests the same thread. */
export interface Connection {
  ask<T>(request: Request): Promise<T>;
  close(): Promise<void>;
}

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
    const writer = await DatabaseThread.open({ ...options, role: 'writer' });
    try {
      return new SqliteStore(writer, await DatabaseThread.open({ file: options.file, role: 'reader' }));
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  load(since: LoadSince): Promise<StoredFleet> {
    return this.#writer.ask({ op: 'load', since });
  }

  commit(commit: Commit): Promise<CommitResult> {
    return this.#writer.ask({ op: 'commit', commit });
  }

  metrics(request: MetricRequest): Promise<MetricResult> {
    return this.#reader.ask({ op: 'metrics', request });
  }

  events(
    query: EventQuery & { readonly device?: string },
  ): Promise<{ events: readonly FleetEvent[]; next?: number }> {
    return this.#reader.ask({ op: 'events', query });
  }

  driftIncidents(
    query: DriftIncidentQuery & { readonly devices?: readonly string[] },
  ): Promise<{ incidents: readonly DriftIncident[]; next?: number }> {
    return this.#reader.ask({ op: 'drift-incidents', query });
  }

  driftIncident(id: string): Promise<{ incident: DriftIncident; view?: DriftView } | undefined> {
    return this.#reader.ask({ op: 'drift-incident', id });
  }

  driftHistory(device: string, limit: number): Promise<readonly DriftStatusChange[]> {
    return this.#reader.ask({ op: 'drift-history', device, limit });
  }

  alerts(query: AlertQuery): Promise<{ alerts: readonly Alert[]; next?: number }> {
    return this.#reader.ask({ op: 'alerts', query });
  }

  audit(before: number | undefined, limit: number): Promise<readonly AuditEntry[]> {
    return this.#reader.ask({ op: 'audit', before, limit });
  }

  checkAudit(): Promise<AuditCheck> {
    return this.#reader.ask({ op: 'check-audit' });
  }

  /** Step by step, so that commits get their turn in between. */
  async retain(retention: Retention, nowMs: number): Promise<{ rows: number; bytes: number }> {
    const dropped = { rows: 0, bytes: 0 };
    for (let step = 0; step < mostSteps; step++) {
      const { rows, bytes } = await this.#writer.ask<{ rows: number; bytes: number }>({
        op: 'retain-step',
        retention,
        nowMs,
      });
      if (rows === 0) break;
      dropped.rows += rows;
      dropped.bytes += bytes;
    }
    return dropped;
  }

  sizeBytes(): Promise<number> {
    return this.#reader.ask({ op: 'size' });
  }

  async close(): Promise<void> {
    await this.#reader.close();
    await this.#writer.close();
  }
}
