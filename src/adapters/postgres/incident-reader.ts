import type {
  Alert,
  AlertQuery,
  DriftIncident,
  DriftIncidentQuery,
  DriftStatusChange,
  DriftView,
} from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import {
  type AlertsAbout,
  type DriftIncidentRow,
  parseJson,
  severities,
  takePage,
} from '../../controller/index.ts';
import type { Row, Sql } from './sql.ts';
import { Where } from './where.ts';

/** Answers questions about drift and alerts. */
export class IncidentReader {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async driftIncidents(query: DriftIncidentQuery & { readonly devices?: readonly string[] }): Promise<{
    incidents: readonly DriftIncident[];
    next?: number;
  }> {
    const where = new Where();
    const names = query.device === undefined ? query.devices : [query.device];
    if (names !== undefined)
      where.add('device IN (SELECT id FROM device WHERE name = ANY (?::text[]))', names);
    if (query.camera !== undefined) where.add('camera = ?', query.camera);
    if (query.open === true) where.add('ended_ms IS NULL');
    if (query.open === false) where.add('ended_ms IS NOT NULL');
    if (query.before !== undefined) where.add('started_ms < ?', query.before);
    const rows = await this.#page('drift_incident', 'started_ms', where, query.limit ?? 100);
    const incidents = rows.page.map((row) => incidentRowOf(row).incident);
    const last = incidents.at(-1);
    return rows.more && last !== undefined ? { incidents, next: last.startedMs } : { incidents };
  }

  async driftIncident(id: string): Promise<{ incident: DriftIncident; view?: DriftView } | undefined> {
    const row = await this.#sql.get(
      'SELECT data, view FROM drift_incident LEFT JOIN drift_view ON incident = id WHERE id = $1',
      id,
    );
    if (row === undefined) return undefined;
    const view = parseJson<DriftView>(row.view);
    return { incident: incidentRowOf(row).incident, ...defined({ view }) };
  }

  async driftHistory(device: string, limit: number): Promise<DriftStatusChange[]> {
    const rows = await this.#sql.all(
      `SELECT * FROM drift_status WHERE device = (SELECT id FROM device WHERE name = $1) ORDER BY seq DESC LIMIT $2`,
      ...[device, limit],
    );
    return rows.map((row) => ({
      camera: String(row.camera),
      timeMs: Number(row.time_ms),
      state: String(row.state) as DriftStatusChange['state'],
      ...(row.reason === null ? {} : { reason: String(row.reason) }),
      ...(row.profile === null ? {} : { profileDigest: String(row.profile) }),
    }));
  }

  async alerts({
    about,
    ...query
  }: AlertQuery & { readonly about?: AlertsAbout }): Promise<{ alerts: readonly Alert[]; next?: number }> {
    const where = new Where();
    if (query.state !== undefined) where.add('firing = ?', query.state === 'firing');
    if (query.severity !== undefined) where.add('severity >= ?', severities.indexOf(query.severity));
    if (query.device !== undefined) where.add('device = ?', query.device);
    if (about !== undefined)
      where.add(
        `(device = ANY (?::text[]) OR (device IS NULL AND data::json ->> 'subject' = ANY (?::text[])))`,
        ...[about.devices, about.subjects],
      );
    if (query.rule !== undefined) where.add('rule = ?', query.rule);
    if (query.before !== undefined) where.add('fired_ms < ?', query.before);
    const rows = await this.#page('alert', 'fired_ms', where, query.limit ?? 100);
    const alerts = rows.page.map(alertOf);
    const last = alerts.at(-1);
    return rows.more && last !== undefined ? { alerts, next: last.firedMs } : { alerts };
  }

  /** Newest first; ends between two times, so that `before` leaves nothing out. */
  async #page(
    table: 'drift_incident' | 'alert',
    time: 'started_ms' | 'fired_ms',
    where: Where,
    limit: number,
  ): Promise<{ readonly page: Row[]; readonly more: boolean }> {
    const rows = await this.#sql.all(
      `SELECT data, ${time} AS at FROM ${table} ${where.text} ORDER BY ${time} DESC, id LIMIT ${limit + 1}`,
      ...where.values,
    );
    const { page, more } = takePage(rows, limit, (row) => String(row.data).length);
    if (!more) return { page, more };
    // The first that is not in the page.
    const cut = Number(rows[page.length]?.at);
    const before = page.filter((row) => Number(row.at) > cut);
    // All at one time: the page is as long as that time.
    if (before.length > 0) return { page: before, more: true };
    where.add(`${time} = ?`, cut);
    const same = await this.#sql.all(
      `SELECT data, ${time} AS at FROM ${table} ${where.text} ORDER BY id`,
      ...where.values,
    );
    return { page: same, more: true };
  }
}

export function incidentRowOf(row: Row): DriftIncidentRow {
  return JSON.parse(String(row.data)) as DriftIncidentRow;
}

export function alertOf(row: Row): Alert {
  return JSON.parse(String(row.data)) as Alert;
}
