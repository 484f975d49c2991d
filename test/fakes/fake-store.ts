import type {
  Alert,
  AlertQuery,
  AuditCheck,
  AuditEntry,
  DriftIncident,
  DriftIncidentQuery,
  DriftStatusChange,
  DriftView,
  FleetEvent,
  Group,
} from '../../src/api/index.ts';
import type { GoshawkError } from '../../src/base/index.ts';
import type {
  AlertRuleRow,
  Change,
  Commit,
  CommitResult,
  DriftIncidentRow,
  MetricResult,
  MetricsRow,
  SeriesRow,
  Store,
  StoredDevice,
  StoredFleet,
  TokenRow,
} from '../../src/controller/index.ts';

/** The controller's store in memory; what it holds survives a restart of the controller, as a disk does. */
export class FakeStore implements Store {
  readonly metricsRows: MetricsRow[] = [];
  readonly eventRows: FleetEvent[] = [];
  readonly auditRows: AuditEntry[] = [];
  readonly commits: Commit[] = [];
  /** Set: every commit rejects with it. */
  fail: GoshawkError | undefined;
  /** Set: commits wait until it is called. */
  #gate: Promise<void> | undefined;
  readonly #devices = new Map<string, StoredDevice>();
  readonly #series = new Map<number, SeriesRow>();
  readonly #catalogues = new Map<string, StoredFleet['catalogues'][number]>();
  readonly #groups = new Map<string, Group>();
  readonly #tokens = new Map<string, TokenRow>();
  readonly incidentRows = new Map<string, DriftIncidentRow>();
  readonly statusRows: { readonly device: string; readonly change: DriftStatusChange }[] = [];
  readonly ruleRows = new Map<string, AlertRuleRow>();
  readonly alertRows = new Map<string, Alert>();
  readonly #views = new Map<string, DriftView>();
  readonly #seriesUse = new Map<number, number>();

  /** Commits wait until the returned function is called. */
  hold(): () => void {
    let release = () => {};
    this.#gate = new Promise((resolve) => {
      release = () => {
        this.#gate = undefined;
        resolve();
      };
    });
    return () => release();
  }

  async load(): Promise<StoredFleet> {
    const devices = [...this.#devices.values()].map((device) => {
      const own = this.metricsRows.filter((row) => row.device === device.id);
      const session = Math.max(-1, ...own.map((row) => row.session));
      const sequence = Math.max(
        -1,
        ...own.filter((row) => row.session === session).map((row) => row.sequence),
      );
      return session < 0 ? device : { ...device, lastSequence: { session, sequence } };
    });
    return {
      devices,
      series: [...this.#series.values()],
      catalogues: [...this.#catalogues.values()],
      groups: [...this.#groups.values()],
      tokens: [...this.#tokens.values()],
      recentWarnings: [],
      seriesUse: [...this.#seriesUse],
      drift: {
        incidents: [...this.incidentRows.values()],
        events: this.eventRows.filter(
          ({ seq, kind }) =>
            kind.startsWith('drift.') &&
            seq > Math.max(0, ...[...this.incidentRows.values()].map((row) => row.seq)),
        ),
        newestSeq: this.eventRows.length,
      },
      alertRules: [...this.ruleRows.values()],
      alerts: [...this.alertRows.values()].filter(
        (alert) => alert.state === 'firing' || alert.delivery?.state === 'waiting',
      ),
    };
  }

  async driftIncidents(
    query: DriftIncidentQuery & { readonly devices?: readonly string[] },
  ): Promise<{ incidents: readonly DriftIncident[] }> {
    const incidents = [...this.incidentRows.values()]
      .map((row) => row.incident)
      .filter(({ device }) => query.device === undefined || device === query.device)
      .filter(({ device }) => query.devices?.includes(device) ?? true)
      .filter(({ endedMs }) => query.open === undefined || query.open === (endedMs === undefined))
      .sort((a, b) => b.startedMs - a.startedMs);
    return { incidents };
  }

  async driftIncident(id: string): Promise<{ incident: DriftIncident; view?: DriftView } | undefined> {
    const row = this.incidentRows.get(id);
    const view = this.#views.get(id);
    return row === undefined
      ? undefined
      : { incident: row.incident, ...(view === undefined ? {} : { view }) };
  }

  async driftHistory(device: string): Promise<readonly DriftStatusChange[]> {
    return this.statusRows
      .filter((row) => row.device === device)
      .map(({ change }) => change)
      .reverse();
  }

  async alerts(query: AlertQuery): Promise<{ alerts: readonly Alert[] }> {
    const alerts = [...this.alertRows.values()]
      .filter(({ state }) => query.state === undefined || state === query.state)
      .sort((a, b) => b.firedMs - a.firedMs);
    return { alerts };
  }

  async commit(commit: Commit): Promise<CommitResult> {
    await this.#gate;
    if (this.fail !== undefined) throw this.fail;
    this.commits.push(commit);
    for (const row of commit.series ?? []) this.#series.set(row.id, row);
    for (const change of commit.changes ?? []) this.#change(change);
    let duplicateBatches = 0;
    for (const row of commit.metrics ?? []) {
      const known = this.metricsRows.some(
        (other) =>
          other.device === row.device && other.session === row.session && other.sequence === row.sequence,
      );
      if (known) duplicateBatches += 1;
      else this.metricsRows.push(row);
    }
    const events: FleetEvent[] = [];
    for (const row of commit.events ?? []) {
      if (this.eventRows.some((other) => other.device === row.device && other.id === row.id)) continue;
      const event = { seq: this.eventRows.length + 1, ...row };
      this.eventRows.push(event);
      events.push(event);
    }
    for (const draft of commit.audit ?? [])
      this.auditRows.push({ ...draft, seq: this.auditRows.length + 1, hash: 'fake' });
    return { duplicateBatches, events };
  }

  async metrics(): Promise<MetricResult> {
    return { tier: 'raw', stepMs: 1000, series: [] };
  }

  async events(): Promise<{ events: readonly FleetEvent[] }> {
    return { events: [...this.eventRows].reverse() };
  }

  async audit(before: number | undefined, limit: number): Promise<readonly AuditEntry[]> {
    return this.auditRows
      .filter(({ seq }) => before === undefined || seq < before)
      .reverse()
      .slice(0, limit);
  }

  async checkAudit(): Promise<AuditCheck> {
    return { intact: true, entries: this.auditRows.length };
  }

  async retain(): Promise<{ rows: number; bytes: number }> {
    return { rows: 0, bytes: 0 };
  }

  async sizeBytes(): Promise<number> {
    return 0;
  }

  async close(): Promise<void> {}

  #device(id: string): StoredDevice {
    return this.#devices.get(id) ?? { id, settings: {} };
  }

  #change(change: Change): void {
    switch (change.kind) {
      case 'device':
        this.#devices.set(change.device.id, { ...this.#device(change.device.id), ...change.device });
        return;
      case 'device-deleted':
        this.#devices.delete(change.id);
        return;
      case 'seen':
        this.#devices.set(change.id, { ...this.#device(change.id), lastSeenMs: change.lastSeenMs });
        return;
      case 'catalogue':
        this.#catalogues.set(`${change.catalogue.device} ${change.catalogue.session}`, change.catalogue);
        return;
      case 'settings':
        this.#devices.set(change.device, { ...this.#device(change.device), settings: change.settings });
        return;
      case 'desired':
        this.#devices.set(change.device, { ...this.#device(change.device), desired: change.desired });
        return;
      case 'group':
        this.#groups.set(change.group.name, change.group);
        return;
      case 'group-deleted':
        this.#groups.delete(change.name);
        return;
      case 'token':
        this.#tokens.set(change.token.id, change.token);
        return;
      case 'token-used':
        return;
      case 'token-deleted':
        this.#tokens.delete(change.id);
        return;
      case 'drift-incident':
        this.incidentRows.set(change.row.incident.id, change.row);
        return;
      case 'drift-view':
        this.#views.set(change.incident, change.view);
        return;
      case 'drift-status':
        this.statusRows.push(change);
        return;
      case 'alert-rule':
        this.ruleRows.set(change.rule.id, change.rule);
        return;
      case 'alert-rule-deleted':
        this.ruleRows.delete(change.id);
        return;
      case 'alert':
        this.alertRows.set(change.alert.id, change.alert);
        return;
      case 'series-used':
        for (const [id, lastMs] of change.uses) this.#seriesUse.set(id, lastMs);
        return;
      case 'series-dropped':
        for (const id of change.ids) this.#series.delete(id);
        return;
      case 'catalogues-dropped':
        for (const key of [...this.#catalogues.keys()])
          if (key.startsWith(`${change.device} `)) this.#catalogues.delete(key);
    }
  }
}
