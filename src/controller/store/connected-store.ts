import type {
  Alert,
  AlertQuery,
  AuditCheck,
  AuditEntry,
  AuditQuery,
  DriftIncident,
  DriftIncidentQuery,
  DriftStatusChange,
  DriftView,
  EventQuery,
  FleetEvent,
} from '../../api/index.ts';
import type { StoreConnection } from './calls.ts';
import type { Retention } from './retention.ts';
import type {
  AlertsAbout,
  Commit,
  CommitResult,
  LoadSince,
  MetricRequest,
  MetricResult,
  Store,
  StoredFleet,
} from './store.ts';

const mostSteps = 200;

/** The store of a database that has a connection for writing and one for questions. */
export class ConnectedStore implements Store {
  readonly #writer: StoreConnection;
  readonly #reader: StoreConnection;

  constructor(writer: StoreConnection, reader: StoreConnection) {
    this.#writer = writer;
    this.#reader = reader;
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
    query: EventQuery & { readonly device?: string; readonly devices?: readonly string[] },
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

  alerts(
    query: AlertQuery & { readonly about?: AlertsAbout },
  ): Promise<{ alerts: readonly Alert[]; next?: number }> {
    return this.#reader.call('alerts', query);
  }

  audit(query: AuditQuery): Promise<{ entries: readonly AuditEntry[]; next?: number }> {
    return this.#reader.call('audit', query);
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
