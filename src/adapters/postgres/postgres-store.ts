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

/** Where requests are answered, in their order: a thread, or in tests the same thread. */
export type Connection = Pick<WorkerHost<DatabaseThread>, 'call' | 'close'>;

const mostSteps = 200;

/** The controller's store in PostgreSQL, a thread and a connection for writing and one for questions. */
export class PostgresStore implements Store {
  readonly #writer: Connection;
  readonly #reader: Connection;

  constructor(writer: Connection, reader: Connection) {
    this.#writer = writer;
    this.#reader = reader;
  }

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
        'Restart the controller; nothing that it acknowledged is lost.',
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
