import { createHash } from 'node:crypto';
import type {
  Alert,
  AlertQuery,
  AuditCheck,
  AuditEntry,
  AuditQuery,
  DeviceLabels,
  DriftIncident,
  DriftIncidentQuery,
  DriftStatusChange,
  DriftView,
  EventQuery,
  FleetEvent,
  FrameReviews,
  Freeze,
  Group,
} from '../../src/api/index.ts';
import { GoshawkError } from '../../src/base/index.ts';
import {
  type AlertRuleRow,
  type AlertsAbout,
  AuditChecker,
  addHistogramSample,
  addSample,
  type CertificateRow,
  type Change,
  type ClaimRow,
  type Commit,
  type CommitResult,
  type DeviceRecord,
  type DriftIncidentRow,
  type EventRow,
  type LoadSince,
  type MetricRequest,
  type MetricResult,
  type MetricsRow,
  mostGoneRollouts,
  type Retention,
  type RolloutRecord,
  SeriesBuilder,
  type SeriesRow,
  type Store,
  type StoredDevice,
  type StoredFleet,
  sealAudits,
  type TokenRow,
  takePage,
  tierFor,
  tierSpanMs,
} from '../../src/controller/index.ts';
import type { CatalogueRow, DeviceRow } from '../../src/controller/store/rows.ts';

const keptSessions = 8;
const severities = ['info', 'warning', 'error', 'critical'];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * The controller's store in memory, written as plainly as the port allows; what it holds survives `reopen`, as on a disk.
 * It keeps metrics for ever.
 */
export class FakeStore implements Store {
  readonly metricsRows: MetricsRow[] = [];
  readonly eventRows: FleetEvent[] = [];
  readonly auditRows: AuditEntry[] = [];
  readonly incidentRows = new Map<string, DriftIncidentRow>();
  readonly statusRows: { readonly device: string; readonly change: DriftStatusChange }[] = [];
  readonly ruleRows = new Map<string, AlertRuleRow>();
  readonly alertRows = new Map<string, Alert>();
  readonly commits: Commit[] = [];
  /** Set: every commit rejects with it. */
  fail: GoshawkError | undefined;
  /** Set: commits wait until it is called. */
  #gate: Promise<void> | undefined;
  #closed = false;
  #lastSeq = 0;
  readonly #devices = new Map<string, StoredDevice>();
  readonly #series = new Map<number, SeriesRow>();
  readonly #seriesUse = new Map<number, number>();
  #catalogues: CatalogueRow[] = [];
  readonly #groups = new Map<string, Group>();
  readonly #tokens = new Map<string, TokenRow>();
  readonly claimRows = new Map<string, ClaimRow>();
  readonly certificateRows = new Map<string, CertificateRow>();
  readonly #views = new Map<string, DriftView>();
  readonly labelRows = new Map<string, DeviceLabels>();
  readonly reviewRows = new Map<string, FrameReviews>();
  readonly rolloutRows = new Map<string, { rollout: RolloutRecord; devices: Map<string, DeviceRecord> }>();
  readonly #goneRollouts = new Map<string, number>();
  #freeze: Freeze | undefined;
  #approvalRules: StoredFleet['approvalRules'];
  #approvals: StoredFleet['approvals'];

  /** As another life of the controller opens the same disk. */
  reopen(): void {
    this.#closed = false;
  }

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

  async commit(given: Commit): Promise<CommitResult> {
    this.#expectOpen();
    const commit = structuredClone(given);
    await this.#gate;
    if (this.fail !== undefined) throw this.fail;
    this.commits.push(commit);
    for (const row of commit.series ?? []) if (!this.#series.has(row.id)) this.#series.set(row.id, row);
    for (const change of commit.changes ?? []) this.#change(change);
    const repeatedSessions: { device: string; session: number }[] = [];
    const fresh = (commit.metrics ?? []).filter((row) => this.#addBatch(row, repeatedSessions));
    const events = (commit.events ?? []).flatMap((row) => this.#addEvent(row) ?? []);
    this.auditRows.push(...sealAudits(sha256, this.auditRows.at(-1), commit.audit ?? []));
    const duplicateBatches = (commit.metrics?.length ?? 0) - fresh.length;
    return structuredClone({ duplicateBatches, repeatedSessions, events });
  }

  async load(since: LoadSince): Promise<StoredFleet> {
    this.#expectOpen();
    const incidents = [...this.incidentRows.values()];
    const newest = Math.max(0, ...incidents.map(({ seq }) => seq));
    return structuredClone({
      devices: [...this.#devices.values()].map((device) => this.#withLastSequence(device)),
      series: [...this.#series.values()],
      catalogues: this.#catalogues,
      groups: [...this.#groups.values()],
      tokens: [...this.#tokens.values()],
      claims: [...this.claimRows.values()],
      certificates: [...this.certificateRows.values()],
      recentWarnings: this.eventRows
        .filter(({ severity, receivedMs }) => severity !== 'info' && receivedMs > since.warningsMs)
        .map(({ device, receivedMs }) => ({ device, timeMs: receivedMs })),
      seriesUse: [...this.#seriesUse],
      drift: {
        incidents: incidents.filter(
          ({ incident }) => incident.endedMs === undefined || incident.startedMs >= since.incidentsMs,
        ),
        events: this.eventRows.filter(
          ({ seq, kind }) => seq > newest && ['drift.alarm', 'drift.changed', 'drift.cleared'].includes(kind),
        ),
        newestSeq: this.eventRows.at(-1)?.seq ?? 0,
      },
      alertRules: [...this.ruleRows.values()],
      alerts: [...this.alertRows.values()].filter(isBusy).sort((a, b) => a.firedMs - b.firedMs),
      labels: [...this.labelRows.values()].sort((a, b) => (a.device < b.device ? -1 : 1)),
      frameReviews: [...this.reviewRows.values()].sort((a, b) => (a.device < b.device ? -1 : 1)),
      rollouts: [...this.rolloutRows.values()]
        .sort((a, b) => a.rollout.createdMs - b.rollout.createdMs || (a.rollout.id < b.rollout.id ? -1 : 1))
        .map(({ rollout, devices }) => ({
          rollout,
          devices: [...devices.values()].sort((a, b) => (a.device < b.device ? -1 : 1)),
        })),
      goneRollouts: [...this.#goneRollouts.keys()],
      ...(this.#freeze === undefined ? {} : { rolloutFreeze: this.#freeze }),
      ...(this.#approvalRules === undefined ? {} : { approvalRules: this.#approvalRules }),
      ...(this.#approvals === undefined ? {} : { approvals: this.#approvals }),
      setAside: [],
    });
  }

  async metrics(request: MetricRequest): Promise<MetricResult> {
    this.#expectOpen();
    const { fromMs, toMs, name, devices } = request;
    const wanted = Object.entries(request.labels);
    const rows = new Map(
      [...this.#series.values()]
        .filter((row) => row.name === name && wanted.every(([key, value]) => row.labels[key] === value))
        .map((row) => [row.id, row]),
    );
    const asked = tierFor(request.stepMs, toMs - fromMs);
    const tier = asked === 'raw' && devices === undefined ? 'minute' : asked;
    const spanMs = tier === 'raw' ? 1 : tierSpanMs[tier];
    const stepMs = Math.max(request.stepMs, spanMs);
    const builder = new SeriesBuilder(fromMs, stepMs, request.buckets);
    // Counters add up device by device; the fleet's gauges and histograms are one.
    const counters = [...rows.values()].some(({ kind }) => kind === 'counter');
    const names = [...this.#devices.keys()];
    const firstMs = Math.floor(fromMs / spanMs) * spanMs;
    for (const batch of this.metricsRows) {
      if (devices !== undefined && !devices.includes(batch.device)) continue;
      const histograms = new Map(batch.histograms.map(({ index, value }) => [index, value]));
      const device = devices === undefined && !counters ? 0 : names.indexOf(batch.device);
      batch.series.forEach((series, index) => {
        const timeMs = batch.timesMs[index]!;
        const atMs = Math.floor(timeMs / spanMs) * spanMs;
        if (!rows.has(series) || atMs < firstMs || atMs >= toMs) return;
        const cell = builder.cell(series, device, atMs);
        const histogram = histograms.get(index);
        if (histogram === undefined) addSample(cell, timeMs, batch.values[index]!);
        else addHistogramSample(cell, histogram);
      });
    }
    return { tier, stepMs, series: builder.build(rows) };
  }

  async events(
    query: EventQuery & { readonly device?: string; readonly devices?: readonly string[] },
  ): Promise<{ events: readonly FleetEvent[]; next?: number }> {
    this.#expectOpen();
    const {
      device,
      devices,
      kind,
      severity = 'info',
      before = Number.POSITIVE_INFINITY,
      limit = 100,
    } = query;
    const found = this.eventRows
      .filter(isWithin(query))
      .filter((event) => device === undefined || event.device === device)
      .filter((event) => devices === undefined || devices.includes(event.device))
      .filter((event) => kind === undefined || event.kind === kind || event.kind.startsWith(`${kind}.`))
      .filter((event) => severities.indexOf(event.severity) >= severities.indexOf(severity))
      .filter((event) => event.seq < before)
      .reverse();
    const { page, more } = takePage(found, limit, ({ message, data }) => message.length + lengthOf(data));
    const events = structuredClone(page);
    return more ? { events, next: events.at(-1)!.seq } : { events };
  }

  async driftIncidents(
    query: DriftIncidentQuery & { readonly devices?: readonly string[] },
  ): Promise<{ incidents: readonly DriftIncident[]; next?: number }> {
    this.#expectOpen();
    const names = query.device === undefined ? query.devices : [query.device];
    const found = [...this.incidentRows.values()]
      .map((row) => row.incident)
      .filter(({ device }) => names?.includes(device) ?? true)
      .filter(({ camera }) => query.camera === undefined || camera === query.camera)
      .filter(({ endedMs }) => query.open === undefined || query.open === (endedMs === undefined));
    const { rows, ...next } = page(found, ({ startedMs }) => startedMs, query);
    return { incidents: rows, ...next };
  }

  async driftIncident(id: string): Promise<{ incident: DriftIncident; view?: DriftView } | undefined> {
    this.#expectOpen();
    const row = this.incidentRows.get(id);
    const view = this.#views.get(id);
    if (row === undefined) return undefined;
    return structuredClone({ incident: row.incident, ...(view === undefined ? {} : { view }) });
  }

  async driftHistory(device: string, limit: number): Promise<readonly DriftStatusChange[]> {
    this.#expectOpen();
    const own = this.statusRows.filter((row) => row.device === device).map(({ change }) => change);
    return structuredClone(own.reverse().slice(0, limit));
  }

  async alerts(
    query: AlertQuery & { readonly about?: AlertsAbout },
  ): Promise<{ alerts: readonly Alert[]; next?: number }> {
    this.#expectOpen();
    const least = severities.indexOf(query.severity ?? 'info');
    const found = [...this.alertRows.values()]
      .filter(({ state }) => query.state === undefined || state === query.state)
      .filter(({ severity }) => severities.indexOf(severity) >= least)
      .filter(({ device }) => query.device === undefined || device === query.device)
      .filter(({ device, subject }) => {
        const { about } = query;
        if (about === undefined) return true;
        return device === undefined ? about.subjects.includes(subject) : about.devices.includes(device);
      })
      .filter(({ rule }) => query.rule === undefined || rule === query.rule);
    const { rows, ...next } = page(found, ({ firedMs }) => firedMs, query);
    return { alerts: rows, ...next };
  }

  async audit({ before, action, actor, target, from, to, limit = 100 }: AuditQuery): Promise<{
    entries: readonly AuditEntry[];
    next?: number;
  }> {
    this.#expectOpen();
    const found = this.auditRows
      .filter(({ seq }) => before === undefined || seq < before)
      .filter((one) => action === undefined || `${one.action}.`.startsWith(`${action}.`))
      .filter((one) => actor === undefined || one.actor.startsWith(actor))
      .filter((one) => target === undefined || one.target === target)
      .filter(isWithin({ from, to }));
    const { page: entries, more } = takePage(found.reverse(), limit, ({ detail }) => detail.length);
    const next = more ? entries.at(-1)?.seq : undefined;
    return structuredClone(next === undefined ? { entries } : { entries, next });
  }

  async checkAudit(): Promise<AuditCheck> {
    this.#expectOpen();
    const checker = new AuditChecker(sha256);
    for (const entry of this.auditRows) checker.next(entry);
    return checker.result();
  }

  /** By age alone. */
  async retain(retention: Retention, nowMs: number): Promise<{ rows: number; bytes: number }> {
    this.#expectOpen();
    const oldest = (tier: keyof Retention) => nowMs - retention[tier].maxAgeMs;
    let rows = remove(this.eventRows, ({ receivedMs }) => receivedMs < oldest('events'));
    rows += remove(
      this.statusRows,
      ({ device, change }, at) =>
        change.timeMs < oldest('drift') &&
        this.statusRows.some(
          (newer, i) => i > at && newer.device === device && newer.change.camera === change.camera,
        ),
    );
    for (const [id, { incident }] of this.incidentRows)
      if (incident.endedMs !== undefined && incident.startedMs < oldest('drift')) {
        this.incidentRows.delete(id);
        this.#views.delete(id);
        rows += 1;
      }
    for (const [id, alert] of this.alertRows)
      if (!isBusy(alert) && alert.firedMs < oldest('alerts')) {
        this.alertRows.delete(id);
        rows += 1;
      }
    return { rows, bytes: rows * 100 };
  }

  async sizeBytes(): Promise<number> {
    this.#expectOpen();
    return 100 * (1 + this.metricsRows.length + this.eventRows.length + this.auditRows.length);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #expectOpen(): void {
    if (this.#closed) throw new GoshawkError('database-thread', 'The database is closed.', 'Open it.');
  }

  /** A device is there as soon as anything of it is. */
  #device(id: string, change: Partial<StoredDevice> = {}): void {
    const known = this.#devices.get(id) ?? { id, settings: {} };
    this.#devices.set(id, { ...known, ...change });
  }

  #withLastSequence(device: StoredDevice): StoredDevice {
    const [last] = this.metricsRows
      .filter((row) => row.device === device.id)
      .sort((a, b) => b.session - a.session || b.sequence - a.sequence);
    if (last === undefined) return device;
    return { ...device, lastSequence: { session: last.session, sequence: last.sequence } };
  }

  #addBatch(row: MetricsRow, repeatedSessions: { device: string; session: number }[]): boolean {
    const { device, session, content } = row;
    this.#device(device);
    const same = this.metricsRows.filter(
      (known) => known.device === device && known.session === session && known.sequence === row.sequence,
    );
    // One that was stored without it is known by its number alone.
    const unknown = content === undefined || same.some((known) => known.content === undefined);
    if (same.length > 0 && (unknown || same.some((known) => known.content === content))) return false;
    if (same.length > 0) repeatedSessions.push({ device, session });
    this.metricsRows.push(row);
    return true;
  }

  #addEvent(row: EventRow): FleetEvent | undefined {
    this.#device(row.device);
    if (this.eventRows.some(({ device, id }) => device === row.device && id === row.id)) return undefined;
    this.#lastSeq += 1;
    const event = { seq: this.#lastSeq, ...row };
    this.eventRows.push(event);
    return event;
  }

  #change(change: Change): void {
    switch (change.kind) {
      case 'device':
        this.#device(change.device.id, defined(change.device));
        return;
      case 'device-deleted':
        this.#deleteDevice(change.id);
        return;
      case 'seen':
        this.#device(change.id, { lastSeenMs: change.lastSeenMs });
        return;
      case 'catalogue':
        this.#addCatalogue(change.catalogue);
        return;
      case 'presence':
        if (this.#devices.has(change.id)) this.#device(change.id, { toldOnline: change.online });
        return;
      case 'settings':
        this.#device(change.device, { settings: change.settings });
        return;
      case 'desired':
        this.#device(change.device, { desired: change.desired });
        return;
      case 'group':
        this.#groups.set(change.group.name, {
          ...change.group,
          members: [...new Set(change.group.members)].sort(),
        });
        return;
      case 'group-deleted':
        this.#groups.delete(change.name);
        return;
      case 'token':
        this.#tokens.set(change.token.id, change.token);
        return;
      case 'token-used': {
        const token = this.#tokens.get(change.id);
        if (token !== undefined) this.#tokens.set(change.id, { ...token, lastUsedMs: change.lastUsedMs });
        return;
      }
      case 'token-deleted':
        this.#tokens.delete(change.id);
        return;
      case 'claim':
        this.claimRows.set(change.claim.id, change.claim);
        return;
      case 'claim-deleted':
        this.claimRows.delete(change.id);
        return;
      case 'certificate':
        this.certificateRows.set(change.certificate.fingerprint, change.certificate);
        return;
      case 'certificate-deleted':
        this.certificateRows.delete(change.fingerprint);
        return;
      case 'drift-incident':
        this.#device(change.row.incident.device);
        this.incidentRows.set(change.row.incident.id, change.row);
        return;
      case 'drift-view':
        this.#views.set(change.incident, change.view);
        return;
      case 'drift-status':
        this.#device(change.device);
        this.statusRows.push({ device: change.device, change: change.change });
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
      case 'labels': {
        const { device, labels, hold } = change.labels;
        if (Object.keys(labels).length === 0 && hold === undefined) this.labelRows.delete(device);
        else this.labelRows.set(device, change.labels);
        return;
      }
      case 'frame-reviews': {
        const { device, reviews } = change.reviews;
        if (Object.keys(reviews).length === 0) this.reviewRows.delete(device);
        else this.reviewRows.set(device, change.reviews);
        return;
      }
      case 'rollout':
        this.rolloutRows.set(change.rollout.id, {
          devices: new Map(),
          ...this.rolloutRows.get(change.rollout.id),
          rollout: change.rollout,
        });
        return;
      case 'rollout-devices':
        for (const record of change.devices)
          this.rolloutRows.get(change.rollout)?.devices.set(record.device, record);
        return;
      case 'rollout-deleted':
        this.rolloutRows.delete(change.id);
        this.#goneRollouts.delete(change.name);
        this.#goneRollouts.set(change.name, change.goneMs);
        for (const name of [...this.#goneRollouts.keys()].slice(0, -mostGoneRollouts))
          this.#goneRollouts.delete(name);
        return;
      case 'approval-rules':
        this.#approvalRules = change.rules;
        return;
      case 'approvals':
        this.#approvals = change.asked;
        return;
      case 'rollout-freeze':
        this.#freeze = change.freeze;
        return;
      case 'series-used':
        for (const [id, lastMs] of change.uses) if (this.#series.has(id)) this.#seriesUse.set(id, lastMs);
        return;
      case 'series-dropped':
        for (const id of change.ids) {
          this.#series.delete(id);
          this.#seriesUse.delete(id);
        }
        return;
      case 'catalogues-dropped':
        this.#catalogues = this.#catalogues.filter(({ device }) => device !== change.device);
    }
  }

  /** The newest sessions stay. */
  #addCatalogue(catalogue: CatalogueRow): void {
    const { device, session } = catalogue;
    this.#device(device);
    const own = this.#catalogues.filter((row) => row.device === device && row.session !== session);
    const kept = [...own, catalogue].sort((a, b) => b.session - a.session).slice(0, keptSessions);
    this.#catalogues = [...this.#catalogues.filter((row) => row.device !== device), ...kept];
  }

  #deleteDevice(id: string): void {
    this.#devices.delete(id);
    this.labelRows.delete(id);
    this.reviewRows.delete(id);
    this.#catalogues = this.#catalogues.filter(({ device }) => device !== id);
    for (const [name, group] of this.#groups)
      this.#groups.set(name, { ...group, members: group.members.filter((member) => member !== id) });
    remove(this.metricsRows, ({ device }) => device === id);
    remove(this.eventRows, ({ device }) => device === id);
    remove(this.statusRows, ({ device }) => device === id);
    for (const [incident, row] of this.incidentRows)
      if (row.incident.device === id) {
        this.incidentRows.delete(incident);
        this.#views.delete(incident);
      }
  }
}

/** It fires, or its webhook was not told of the end yet. */
function isBusy({ state, delivery }: Alert): boolean {
  return state === 'firing' || delivery?.state === 'waiting';
}

/** A field that is not said stays as it was. */
function defined(row: DeviceRow): Partial<StoredDevice> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

/** Takes out what fits; returns how many that were. */
function remove<T>(rows: T[], fits: (row: T, at: number) => boolean): number {
  const kept = rows.filter((row, at) => !fits(row, at));
  return rows.splice(0, rows.length, ...kept).length - kept.length;
}

/** Newest first. A page ends between two times, so that `before` leaves nothing out. */
const lengthOf = (value: unknown) => (value === undefined ? 0 : JSON.stringify(value).length);

function page<T extends { readonly id: string }>(
  found: readonly T[],
  timeOf: (row: T) => number,
  query: { readonly before?: number; readonly limit?: number },
): { readonly rows: readonly T[]; readonly next?: number } {
  const { before = Number.POSITIVE_INFINITY, limit = 100 } = query;
  const rows = found
    .filter((row) => timeOf(row) < before)
    .sort((a, b) => timeOf(b) - timeOf(a) || (a.id < b.id ? -1 : 1));
  const { page, more } = takePage(rows, limit, (row) => lengthOf(row));
  const cut = more ? rows[page.length] : undefined;
  if (cut === undefined) return { rows: structuredClone(rows) };
  const whole = rows.filter((row) => timeOf(row) > timeOf(cut));
  const shown = whole.length > 0 ? whole : rows.filter((row) => timeOf(row) === timeOf(cut));
  return { rows: structuredClone(shown), next: timeOf(shown.at(-1)!) };
}

function isWithin({
  from = Number.NEGATIVE_INFINITY,
  to = Number.POSITIVE_INFINITY,
}: {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}): (one: { readonly timeMs: number }) => boolean {
  return ({ timeMs }) => timeMs >= from && timeMs < to;
}
