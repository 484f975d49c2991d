import type { Dropped, Retention, RetentionTier } from '../../controller/index.ts';
import { grow } from './incident-writer.ts';
import {
  ensurePartitions,
  type PartitionedTable,
  partitioned,
  partitionedTables,
  partitionsOf,
} from './partitions.ts';
import type { Sql } from './sql.ts';

const nothing: Dropped = { rows: 0, bytes: 0 };
const rowsPerStep = 500;

/**
 * One step: the oldest partition that is too old or too much, else the oldest rows of what has no partitions. No rows: all is
 * within its limits.
 */
export async function retainStep(sql: Sql, retention: Retention, nowMs: number): Promise<Dropped> {
  await ensurePartitions(sql, nowMs);
  for (const table of partitionedTables) {
    const dropped = await dropPartition(sql, table, retention[table], nowMs);
    if (dropped.rows > 0) return dropped;
  }
  return sql.transaction(async () => {
    const dropped = [
      await dropEvents(sql, retention.events, nowMs),
      await dropIncidents(sql, 'drift', retention.drift, nowMs),
      await dropIncidents(sql, 'alerts', retention.alerts, nowMs),
      { rows: await dropStates(sql, nowMs - retention.drift.maxAgeMs), bytes: 0 },
    ];
    return dropped.reduce((sum, one) => ({ rows: sum.rows + one.rows, bytes: sum.bytes + one.bytes }));
  });
}

/** The partition of now is never dropped. Rows of a wrong clock go when their time is too old, or with the next partition. */
async function dropPartition(
  sql: Sql,
  table: PartitionedTable,
  limits: RetentionTier,
  nowMs: number,
): Promise<Dropped> {
  const [oldest, ...younger] = await partitionsOf(sql, table);
  const beforeMs = nowMs - limits.maxAgeMs;
  const stray = await sql.run(
    `DELETE FROM ${table}_other WHERE ${partitioned[table].column} < $1`,
    Math.floor(beforeMs),
  );
  if (stray > 0) return { rows: stray, bytes: 0 };
  if (oldest === undefined || oldest.toMs > nowMs) return nothing;
  const total = await sql.get(
    `SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint AS bytes FROM pg_inherits
     WHERE inhparent = $1::regclass`,
    table,
  );
  const tooMany = Number(total?.bytes) > limits.maxBytes && younger.length > 0;
  if (oldest.toMs > beforeMs && !tooMany) return nothing;
  const held = await sql.get(
    `SELECT pg_total_relation_size(oid)::bigint AS bytes, greatest(reltuples, 1)::bigint AS rows,
       EXISTS (SELECT FROM ${oldest.name}) AS used
     FROM pg_class WHERE oid = $1::regclass`,
    oldest.name,
  );
  await sql.run(`DROP TABLE ${oldest.name}`);
  if (held?.used !== true) return dropPartition(sql, table, limits, nowMs);
  if (tooMany) await sql.run(`TRUNCATE ${table}_other`);
  return { rows: Number(held.rows), bytes: Number(held.bytes) };
}

/** In the order of arrival: the first that is young enough ends it. */
async function dropEvents(sql: Sql, limits: RetentionTier, nowMs: number): Promise<Dropped> {
  const used = await bytesOf(sql, 'events');
  const rows = await sql.all(
    `SELECT seq, received_ms AS at, 150 + length(message) + coalesce(length(data), 0) AS size
     FROM event ORDER BY seq LIMIT ${rowsPerStep}`,
  );
  const gone = tooOldOrTooMany(rows, nowMs - limits.maxAgeMs, used - limits.maxBytes);
  const last = gone.keys.at(-1);
  if (last === undefined) return nothing;
  await sql.run('DELETE FROM event WHERE seq <= $1', Number(last));
  await grow(sql, 'events', -gone.bytes);
  return { rows: gone.keys.length, bytes: gone.bytes };
}

const incidents = {
  drift: {
    from: 'drift_incident LEFT JOIN drift_view ON incident = id',
    table: 'drift_incident',
    time: 'started_ms',
    over: 'ended_ms IS NOT NULL',
    size: 'length(data) + coalesce(length(view), 0)',
  },
  alerts: { from: 'alert', table: 'alert', time: 'fired_ms', over: 'NOT busy', size: 'length(data)' },
} as const;

/** The oldest that are over; never what lasts. */
async function dropIncidents(
  sql: Sql,
  tier: keyof typeof incidents,
  limits: RetentionTier,
  nowMs: number,
): Promise<Dropped> {
  const { from, table, time, over, size } = incidents[tier];
  const rows = await sql.all(
    `SELECT id AS seq, ${time} AS at, ${size} AS size FROM ${from} WHERE ${over} ORDER BY ${time} LIMIT ${rowsPerStep}`,
  );
  const used = await bytesOf(sql, tier);
  const gone = tooOldOrTooMany(rows, nowMs - limits.maxAgeMs, used - limits.maxBytes);
  if (gone.keys.length === 0) return nothing;
  await sql.run(`DELETE FROM ${table} WHERE id = ANY ($1::text[])`, gone.keys.map(String));
  if (tier === 'drift')
    await sql.run('DELETE FROM drift_view WHERE incident = ANY ($1::text[])', gone.keys.map(String));
  await grow(sql, tier, -gone.bytes);
  return { rows: gone.keys.length, bytes: gone.bytes };
}

/** The newest of every camera stays, however old: it still holds. */
function dropStates(sql: Sql, beforeMs: number): Promise<number> {
  return sql.run(
    `DELETE FROM drift_status WHERE seq IN (
       SELECT seq FROM drift_status AS old WHERE time_ms < $1 AND EXISTS (
         SELECT 1 FROM drift_status AS newer
         WHERE newer.device = old.device AND newer.camera = old.camera AND newer.seq > old.seq
       ) ORDER BY seq LIMIT ${rowsPerStep}
     )`,
    beforeMs,
  );
}

function tooOldOrTooMany(
  rows: readonly Readonly<Record<string, unknown>>[],
  beforeMs: number,
  tooManyBytes: number,
): { readonly keys: readonly unknown[]; readonly bytes: number } {
  const keys: unknown[] = [];
  let bytes = 0;
  for (const { seq, at, size } of rows) {
    if (Number(at) >= beforeMs && bytes >= tooManyBytes) break;
    keys.push(seq);
    bytes += Number(size);
  }
  return { keys, bytes };
}

async function bytesOf(sql: Sql, tier: string): Promise<number> {
  return Number((await sql.get('SELECT bytes FROM usage WHERE tier = $1', tier))?.bytes ?? 0);
}
