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
import type { Row, Statements, Value } from './statements.ts';

/** Answers questions about drift and alerts. */
export class IncidentReader {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  driftIncidents(query: DriftIncidentQuery & { readonly devices?: readonly string[] }): {
    incidents: readonly DriftIncident[];
    next?: number;
  } {
    const where = new Where();
    const names = query.device === undefined ? query.devices : [query.device];
    if (names !== undefined)
      where.add(
        'device IN (SELECT id FROM device WHERE name IN (SELECT value FROM json_each(?)))',
        JSON.stringify(names),
      );
    if (query.camera !== undefined) where.add('camera = ?', query.camera);
    if (query.open === true) where.add('ended_ms IS NULL');
    if (query.open === false) where.add('ended_ms IS NOT NULL');
    if (query.before !== undefined) where.add('started_ms < ?', query.before);
    const rows = this.#page('drift_incident', 'started_ms', where, query.limit ?? 100);
    const incidents = rows.page.map((row) => incidentRowOf(row).incident);
    const last = incidents.at(-1);
    return rows.more && last !== undefined ? { incidents, next: last.startedMs } : { incidents };
  }

  driftIncident(id: string): { incident: DriftIncident; view?: DriftView } | undefined {
    const row = this.#sql.get(
      'SELECT data, view FROM drift_incident LEFT JOIN drift_view ON incident = id WHERE id = ?',
      id,
    );
    if (row === undefined) return undefined;
    const view = parseJson<DriftView>(row.view);
    return { incident: incidentRowOf(row).incident, ...defined({ view }) };
  }

  driftHistory(device: string, limit: number): DriftStatusChange[] {
    return this.#sql
      .all(
        'SELECT * FROM drift_status WHERE device = (SELECT id FROM device WHERE name = ?) ORDER BY seq DESC LIMIT ?',
        device,
        limit,
      )
      .map((row) => ({
        camera: String(row.camera),
        timeMs: Number(row.time_ms),
        state: String(row.state) as DriftStatusChange['state'],
        ...(row.reason === null ? {} : { reason: String(row.reason) }),
        ...(row.profile === null ? {} : { profileDigest: String(row.profile) }),
      }));
  }

  alerts({ about, ...query }: AlertQuery & { readonly about?: AlertsAbout }): {
    alerts: readonly Alert[];
    next?: number;
  } {
    const where = new Where();
    if (query.state !== undefined) where.add('firing = ?', query.state === 'firing' ? 1 : 0);
    if (query.severity !== undefined) where.add('severity >= ?', severities.indexOf(query.severity));
    if (query.device !== undefined) where.add('device = ?', query.device);
    if (about !== undefined)
      where.add(
        `(device IN (SELECT value FROM json_each(?)) OR
          (device IS NULL AND json_extract(data, '$.subject') IN (SELECT value FROM json_each(?))))`,
        ...[JSON.stringify(about.devices), JSON.stringify(about.subjects)],
      );
    if (query.rule !== undefined) where.add('rule = ?', query.rule);
    if (query.before !== undefined) where.add('fired_ms < ?', query.before);
    const rows = this.#page('alert', 'fired_ms', where, query.limit ?? 100);
    const alerts = rows.page.map(alertOf);
    const last = alerts.at(-1);
    return rows.more && last !== undefined ? { alerts, next: last.firedMs } : { alerts };
  }

  /** Newest first; ends between two times, so that `before` leaves nothing out. */
  #page(
    table: 'drift_incident' | 'alert',
    time: 'started_ms' | 'fired_ms',
    where: Where,
    limit: number,
  ): { readonly page: Row[]; readonly more: boolean } {
    let last: Row | undefined;
    const { page, more } = takePage(
      this.#sql.iterate(
        `SELECT data, ${time} AS at FROM ${table} ${where.text} ORDER BY ${time} DESC, id LIMIT ?`,
        ...where.values,
        limit + 1,
      ),
      limit,
      (row) => {
        last = row;
        return String(row.data).length;
      },
    );
    if (!more) return { page, more };
    // The first that is not in the page.
    const cut = last?.at;
    const before = page.filter((row) => Number(row.at) > Number(cut));
    // All at one time: the page is as long as that time.
    if (before.length > 0) return { page: before, more: true };
    where.add(`${time} = ?`, Number(cut));
    const same = this.#sql.all(
      `SELECT data, ${time} AS at FROM ${table} ${where.text} ORDER BY id`,
      ...where.values,
    );
    return { page: same, more: true };
  }
}

/** Conditions that all hold, with their values. */
class Where {
  readonly #parts: string[] = [];
  readonly values: Value[] = [];

  add(part: string, ...values: Value[]): void {
    this.#parts.push(part);
    this.values.push(...values);
  }

  get text(): string {
    return this.#parts.length === 0 ? '' : `WHERE ${this.#parts.join(' AND ')}`;
  }
}

export function incidentRowOf(row: Row): DriftIncidentRow {
  const stored = JSON.parse(String(row.data)) as DriftIncidentRow;
  // Of a controller that knew no grades: then everything was an alarm.
  return { ...stored, incident: { ...stored.incident, grade: stored.incident.grade ?? 'alarm' } };
}

export function alertOf(row: Row): Alert {
  return JSON.parse(String(row.data)) as Alert;
}
