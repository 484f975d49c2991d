import type { Group } from '../../api/index.ts';
import { defined, describeError } from '../../base/index.ts';
import {
  type AlertRuleRow,
  type CertificateRow,
  type ClaimRow,
  type DeviceRecord,
  eventOf,
  type LoadSince,
  parseJson,
  type RolloutRecord,
  type SetAside,
  type StoredDevice,
  type StoredFleet,
  seriesOf,
  type TokenRow,
} from '../../controller/index.ts';
import { alertOf, incidentRowOf } from './incident-reader.ts';
import type { Row, Statements } from './statements.ts';

/** Everything that the controller keeps in memory. A row that can't be read is set aside, and the rest is loaded. */
export function loadFleet(sql: Statements, since: LoadSince): StoredFleet {
  const names = new Map<number, string>();
  const rows = new LenientReader((row) => names.get(Number(row.device ?? row.id)));
  const nameOf = (row: Row) => names.get(Number(row.device)) ?? '';
  const devices = sql.all('SELECT * FROM device').map((row) => {
    names.set(Number(row.id), String(row.name));
    return deviceOf(rows, row, lastSequence(sql, Number(row.id)));
  });
  return {
    devices,
    series: rows.read('series', sql.all('SELECT * FROM series'), seriesOf, () => undefined),
    catalogues: rows.read(
      'catalogue',
      sql.all('SELECT * FROM catalogue').filter((row) => names.has(Number(row.device))),
      (row) => ({
        device: nameOf(row),
        session: Number(row.session),
        aliases: [...new Map(parseJson<[number, number][]>(row.aliases) ?? [])],
      }),
    ),
    groups: rows.read('group', sql.all('SELECT * FROM fleet_group'), (row) => groupOf(sql, row)),
    tokens: sql.all('SELECT * FROM token').map(tokenOf),
    claims: rows
      .read('claim', sql.all('SELECT data FROM claim'), (row) => parseJson<ClaimRow>(row.data))
      .filter((claim) => claim !== undefined),
    certificates: rows
      .read('certificate', sql.all('SELECT data FROM certificate'), (row) =>
        parseJson<CertificateRow>(row.data),
      )
      .filter((certificate) => certificate !== undefined),
    recentWarnings: sql
      .all('SELECT device, received_ms FROM event WHERE received_ms > ? AND severity > 0', since.warningsMs)
      .map((row) => ({ device: nameOf(row), timeMs: Number(row.received_ms) })),
    seriesUse: sql
      .all('SELECT id, used_ms FROM series WHERE used_ms IS NOT NULL')
      .map((row) => [Number(row.id), Number(row.used_ms)] as const),
    drift: loadDrift(sql, rows, since.incidentsMs),
    alertRules: rows
      .read('alert rule', sql.all('SELECT data FROM alert_rule'), (row) => parseJson<AlertRuleRow>(row.data))
      .filter((rule) => rule !== undefined),
    alerts: rows.read('alert', sql.all('SELECT data FROM alert WHERE busy = 1 ORDER BY fired_ms'), alertOf),
    ...loadRollouts(sql, rows),
    setAside: rows.setAside,
  };
}

/** Reads rows one by one and notes those that it can't read. */
class LenientReader {
  readonly setAside: SetAside[] = [];
  readonly #deviceOf: (row: Row) => string | undefined;

  constructor(deviceOf: (row: Row) => string | undefined) {
    this.#deviceOf = deviceOf;
  }

  read<T>(
    what: string,
    rows: readonly Row[],
    read: (row: Row) => T,
    deviceOf: (row: Row) => string | undefined = this.#deviceOf,
  ): T[] {
    return rows.flatMap((row) => {
      try {
        return [read(row)];
      } catch (error) {
        const device = deviceOf(row);
        this.setAside.push({
          what,
          cause: describeError(error),
          ...defined({ device }),
        });
        return [];
      }
    });
  }

  /** One column of a row. */
  json<T>(what: string, row: Row): T | undefined {
    return this.read(what, [row], (one) => parseJson<T>(one[what]))[0];
  }
}

function loadDrift(sql: Statements, rows: LenientReader, sinceMs: number): StoredFleet['drift'] {
  const newest = (table: 'event' | 'drift_incident') =>
    Number(sql.get(`SELECT coalesce(max(seq), 0) AS seq FROM ${table}`)?.seq ?? 0);
  const newestSeq = newest('event');
  const incidents = sql.all(
    'SELECT device, data FROM drift_incident WHERE ended_ms IS NULL UNION ALL SELECT device, data FROM drift_incident WHERE ended_ms IS NOT NULL AND started_ms >= ?',
    sinceMs,
  );
  const events = sql.all(
    `SELECT event.*, device.name FROM event JOIN device ON device.id = event.device
     WHERE seq > ? AND kind IN ('drift.alarm', 'drift.changed', 'drift.cleared') ORDER BY seq`,
    Math.min(newest('drift_incident'), newestSeq),
  );
  return {
    incidents: rows.read('drift incident', incidents, incidentRowOf),
    events: rows.read('event', events, eventOf),
    newestSeq,
  };
}

function loadRollouts(
  sql: Statements,
  rows: LenientReader,
): Pick<
  StoredFleet,
  'labels' | 'frameReviews' | 'rollouts' | 'goneRollouts' | 'rolloutFreeze' | 'approvalRules' | 'approvals'
> {
  const json = <T>(what: string, found: readonly Row[]): T[] =>
    rows
      .read(
        what,
        found,
        (row) => parseJson<T>(row.data),
        () => undefined,
      )
      .filter((value): value is Awaited<T> & T => value !== undefined);
  const [freeze] = json<NonNullable<StoredFleet['rolloutFreeze']>>(
    'rollout freeze',
    sql.all('SELECT data FROM rollout_freeze'),
  );
  const [approvalRules] = json<NonNullable<StoredFleet['approvalRules']>>(
    'approval rules',
    sql.all('SELECT data FROM approval_rules'),
  );
  const [approvals] = json<NonNullable<StoredFleet['approvals']>>(
    'approvals',
    sql.all('SELECT data FROM approvals'),
  );
  return {
    labels: json('labels', sql.all('SELECT data FROM device_labels ORDER BY device')),
    frameReviews: json('frame reviews', sql.all('SELECT data FROM frame_reviews ORDER BY device')),
    rollouts: json<RolloutRecord>('rollout', sql.all('SELECT data FROM rollout ORDER BY created_ms, id')).map(
      (rollout) => ({
        rollout,
        devices: json<DeviceRecord>(
          'rollout device',
          sql.all('SELECT data FROM rollout_device WHERE rollout = ? ORDER BY device', rollout.id),
        ),
      }),
    ),
    goneRollouts: sql.all('SELECT name FROM rollout_gone ORDER BY gone_ms').map((row) => String(row.name)),
    ...defined({ rolloutFreeze: freeze, approvalRules, approvals }),
  };
}

function deviceOf(rows: LenientReader, row: Row, last: StoredDevice['lastSequence']): StoredDevice {
  const birth = rows.json<NonNullable<StoredDevice['birth']>>('birth', row);
  const reported = rows.json<NonNullable<StoredDevice['reported']>>('reported', row);
  const desired = rows.json<NonNullable<StoredDevice['desired']>>('desired', row);
  return {
    id: String(row.name),
    settings: rows.json<StoredDevice['settings']>('settings', row) ?? {},
    ...(row.last_seen === null ? {} : { lastSeenMs: Number(row.last_seen) }),
    ...(row.told_online === null ? {} : { toldOnline: Number(row.told_online) === 1 }),
    ...defined({ birth, reported, desired, lastSequence: last }),
  };
}

function lastSequence(sql: Statements, device: number): StoredDevice['lastSequence'] {
  const row = sql.get(
    'SELECT session, last FROM received WHERE device = ? ORDER BY session DESC, first DESC LIMIT 1',
    device,
  );
  return row === undefined ? undefined : { session: Number(row.session), sequence: Number(row.last) };
}

function groupOf(sql: Statements, row: Row): Group {
  const name = String(row.name);
  return {
    name,
    members: sql
      .all('SELECT device FROM member WHERE fleet_group = ? ORDER BY device', name)
      .map((member) => String(member.device)),
    settings: parseJson<Group['settings']>(row.settings) ?? {},
  };
}

function tokenOf(row: Row): TokenRow {
  return {
    id: String(row.id),
    name: String(row.name),
    role: String(row.role) as TokenRow['role'],
    hash: String(row.hash),
    createdMs: Number(row.created_ms),
    createdBy: String(row.created_by),
    ...(row.last_used_ms === null ? {} : { lastUsedMs: Number(row.last_used_ms) }),
    ...defined({ scope: parseJson<TokenRow['scope']>(row.scope) }),
  };
}
