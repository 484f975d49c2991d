import { defined, describeError } from '../../base/index.ts';
import {
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
import { byText } from './documents.ts';
import { alertOf, incidentRowOf } from './incident-reader.ts';
import type { Range } from './received.ts';
import type { Row, Sql } from './sql.ts';

/** Everything that the controller keeps in memory. A row that can't be read is set aside, and the rest is loaded. */
export async function loadFleet(sql: Sql, since: LoadSince): Promise<StoredFleet> {
  const rows = new LenientReader();
  const last = await lastSequences(sql);
  const devices = (await sql.all('SELECT * FROM device ORDER BY id')).map((row) =>
    deviceOf(rows, row, last.get(Number(row.id))),
  );
  const catalogues = await sql.all(
    'SELECT name AS device, session, aliases FROM catalogue JOIN device ON id = catalogue.device',
  );
  const series = await sql.all('SELECT * FROM series ORDER BY id');
  const warnings = await sql.all(
    `SELECT name AS device, received_ms FROM event JOIN device ON device.id = event.device
     WHERE received_ms > $1 AND severity > 0 ORDER BY seq`,
    since.warningsMs,
  );
  const alerts = await sql.all('SELECT data, device FROM alert WHERE busy ORDER BY fired_ms');
  return {
    devices,
    series: rows.read('series', series, seriesOf),
    catalogues: rows.read('catalogue', catalogues, (row) => ({
      device: String(row.device),
      session: Number(row.session),
      aliases: [...new Map(parseJson<[number, number][]>(row.aliases) ?? [])],
    })),
    ...(await loadDocuments(sql, rows)),
    recentWarnings: warnings.map((row) => ({ device: String(row.device), timeMs: Number(row.received_ms) })),
    seriesUse: series.flatMap((row) =>
      row.used_ms === null ? [] : [[Number(row.id), Number(row.used_ms)] as const],
    ),
    drift: await loadDrift(sql, rows, since.incidentsMs),
    alerts: rows.read('alert', alerts, alertOf),
    setAside: rows.setAside,
  };
}

/** For a process that only asks. */
export async function readTokens(sql: Sql): Promise<TokenRow[]> {
  return (await sql.all(`SELECT * FROM document WHERE kind = 'token'`)).map(tokenOf);
}

export async function hasDevice(sql: Sql, name: string): Promise<boolean> {
  return (await sql.get('SELECT FROM device WHERE name = $1', name)) !== undefined;
}

function tokenOf(row: Row): TokenRow {
  const used = row.at === null ? {} : { lastUsedMs: row.at };
  return { ...parseJson<TokenRow>(row.data), ...used } as TokenRow;
}

/** Reads rows one by one and notes those that it can't read. */
class LenientReader {
  readonly setAside: SetAside[] = [];

  read<T>(what: string, rows: readonly Row[], read: (row: Row) => T | undefined): T[] {
    return rows.flatMap((row) => {
      try {
        const value = read(row);
        return value === undefined ? [] : [value];
      } catch (error) {
        const device = typeof row.device === 'string' ? row.device : undefined;
        this.setAside.push({ what, cause: describeError(error), ...defined({ device }) });
        return [];
      }
    });
  }

  json<T>(what: string, row: Row): T | undefined {
    return this.read(what, [{ ...row, device: row.name }], (one) => parseJson<T>(one[what]))[0];
  }
}

/** Highest sequence of the newest session of each device. */
async function lastSequences(sql: Sql): Promise<Map<number, NonNullable<StoredDevice['lastSequence']>>> {
  const rows = await sql.all(
    'SELECT DISTINCT ON (device) device, session, ranges FROM received ORDER BY device, session DESC',
  );
  return new Map(
    rows.map((row) => {
      const ranges = parseJson<Range[]>(row.ranges) ?? [];
      return [Number(row.device), { session: Number(row.session), sequence: ranges.at(-1)?.[1] ?? 0 }];
    }),
  );
}

async function loadDocuments(sql: Sql, rows: LenientReader) {
  const all = await sql.all('SELECT * FROM document');
  const of = <T>(kind: string, parent?: string): T[] =>
    rows.read(
      kind,
      all
        .filter((row) => row.kind === kind && (parent === undefined || row.parent === parent))
        .sort((a, b) => Number(a.at) - Number(b.at) || byText(String(a.id), String(b.id))),
      (row) => parseJson<T>(row.data),
    );
  const tokens = all.filter(({ kind }) => kind === 'token').map(tokenOf);
  const gone = all.filter(({ kind }) => kind === 'rollout-gone').sort((a, b) => Number(a.at) - Number(b.at));
  const [rolloutFreeze] = of<NonNullable<StoredFleet['rolloutFreeze']>>('rollout-freeze');
  const [approvalRules] = of<NonNullable<StoredFleet['approvalRules']>>('approval-rules');
  const [approvals] = of<NonNullable<StoredFleet['approvals']>>('approvals');
  return {
    groups: of<StoredFleet['groups'][number]>('group'),
    tokens,
    claims: of<StoredFleet['claims'][number]>('claim'),
    certificates: of<StoredFleet['certificates'][number]>('certificate'),
    alertRules: of<StoredFleet['alertRules'][number]>('alert-rule'),
    labels: of<StoredFleet['labels'][number]>('labels'),
    frameReviews: of<StoredFleet['frameReviews'][number]>('frame-reviews'),
    rollouts: of<RolloutRecord>('rollout').map((rollout) => ({
      rollout,
      devices: of<DeviceRecord>('rollout-device', rollout.id),
    })),
    goneRollouts: gone.map(({ id }) => String(id)),
    ...defined({ rolloutFreeze, approvalRules, approvals }),
  };
}

async function loadDrift(sql: Sql, rows: LenientReader, sinceMs: number): Promise<StoredFleet['drift']> {
  const newest = async (table: 'event' | 'drift_incident') =>
    Number((await sql.get(`SELECT coalesce(max(seq), 0) AS seq FROM ${table}`))?.seq ?? 0);
  const newestSeq = await newest('event');
  const incidents = await sql.all(
    'SELECT data FROM drift_incident WHERE ended_ms IS NULL OR started_ms >= $1 ORDER BY started_ms',
    sinceMs,
  );
  const events = await sql.all(
    `SELECT event.*, device.name FROM event JOIN device ON device.id = event.device
     WHERE seq > $1 AND kind IN ('drift.alarm', 'drift.changed', 'drift.cleared') ORDER BY seq`,
    Math.min(await newest('drift_incident'), newestSeq),
  );
  return {
    incidents: rows.read('drift incident', incidents, incidentRowOf),
    events: rows.read('event', events, eventOf),
    newestSeq,
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
    ...(row.told_online === null ? {} : { toldOnline: row.told_online === true }),
    ...defined({ birth, reported, desired, lastSequence: last }),
  };
}
