import type { Group } from '../../api/index.ts';
import type { AlertRuleRow, LoadSince, StoredDevice, StoredFleet, TokenRow } from '../../controller/index.ts';
import { alertOf, incidentRowOf } from './incident-reader.ts';
import { eventOf, seriesOf } from './reader.ts';
import { parseJson, type Row, type Statements } from './statements.ts';

/** Everything that the controller keeps in memory. */
export function loadFleet(sql: Statements, since: LoadSince): StoredFleet {
  const names = new Map<number, string>();
  const devices = sql.all('SELECT * FROM device').map((row) => {
    names.set(Number(row.id), String(row.name));
    return deviceOf(row, lastSequence(sql, Number(row.id)));
  });
  const nameOf = (row: Row) => names.get(Number(row.device)) ?? '';
  return {
    devices,
    series: sql.all('SELECT * FROM series').map(seriesOf),
    catalogues: sql
      .all('SELECT * FROM catalogue')
      .filter((row) => names.has(Number(row.device)))
      .map((row) => ({
        device: nameOf(row),
        session: Number(row.session),
        aliases: parseJson<[number, number][]>(row.aliases) ?? [],
      })),
    groups: sql.all('SELECT * FROM fleet_group').map((row) => groupOf(sql, row)),
    tokens: sql.all('SELECT * FROM token').map(tokenOf),
    recentWarnings: sql
      .all('SELECT device, received_ms FROM event WHERE received_ms > ? AND severity > 0', since.warningsMs)
      .map((row) => ({ device: nameOf(row), timeMs: Number(row.received_ms) })),
    seriesUse: sql
      .all('SELECT id, used_ms FROM series WHERE used_ms IS NOT NULL')
      .map((row) => [Number(row.id), Number(row.used_ms)] as const),
    drift: loadDrift(sql, since.incidentsMs),
    alertRules: sql
      .all('SELECT data FROM alert_rule')
      .flatMap((row) => parseJson<AlertRuleRow>(row.data) ?? []),
    alerts: sql.all('SELECT data FROM alert WHERE busy = 1 ORDER BY fired_ms').map(alertOf),
  };
}

function loadDrift(sql: Statements, sinceMs: number): StoredFleet['drift'] {
  const newest = (table: 'event' | 'drift_incident') =>
    Number(sql.get(`SELECT coalesce(max(seq), 0) AS seq FROM ${table}`)?.seq ?? 0);
  const newestSeq = newest('event');
  return {
    incidents: sql
      .all(
        'SELECT data FROM drift_incident WHERE ended_ms IS NULL UNION ALL SELECT data FROM drift_incident WHERE ended_ms IS NOT NULL AND started_ms >= ?',
        sinceMs,
      )
      .map(incidentRowOf),
    events: sql
      .all(
        `SELECT event.*, device.name FROM event JOIN device ON device.id = event.device
         WHERE seq > ? AND kind IN ('drift.alarm', 'drift.changed', 'drift.cleared') ORDER BY seq`,
        Math.min(newest('drift_incident'), newestSeq),
      )
      .map(eventOf),
    newestSeq,
  };
}

function deviceOf(row: Row, last: StoredDevice['lastSequence']): StoredDevice {
  const birth = parseJson<NonNullable<StoredDevice['birth']>>(row.birth);
  const reported = parseJson<NonNullable<StoredDevice['reported']>>(row.reported);
  const desired = parseJson<NonNullable<StoredDevice['desired']>>(row.desired);
  return {
    id: String(row.name),
    settings: parseJson<StoredDevice['settings']>(row.settings) ?? {},
    ...(row.last_seen === null ? {} : { lastSeenMs: Number(row.last_seen) }),
    ...(birth === undefined ? {} : { birth }),
    ...(reported === undefined ? {} : { reported }),
    ...(desired === undefined ? {} : { desired }),
    ...(last === undefined ? {} : { lastSequence: last }),
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
  };
}
