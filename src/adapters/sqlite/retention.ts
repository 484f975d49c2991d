import { type Dropped, type Retention, type RetentionTier, rollupKey } from '../../controller/index.ts';
import { dropOfLargest, forgetUsage, type SharedTier, sharedTiers } from './device-usage.ts';
import { dropIncidents } from './incident-retention.ts';
import type { Statements } from './statements.ts';

const rowsPerStep = 500;

/** One step: the oldest rows of the first tier that has too old or too many. No rows: all is within its limits. */
export function retainStep(sql: Statements, retention: Retention, nowMs: number): Dropped {
  for (const tier of ['raw', 'minute', 'hour', 'events'] as const) {
    const paid = isShared(tier) ? dropShare(sql, tier, retention[tier].maxBytes) : undefined;
    if (paid !== undefined && paid.rows > 0) return paid;
    const dropped = dropOldest(sql, tier, nowMs, retention[tier]);
    if (dropped.rows > 0) return dropped;
  }
  const watched = dropIncidents(sql, retention, nowMs);
  if (watched.rows > 0) return watched;
  return shrink(sql);
}

/** Rows with a time beyond this are of a time when the clock was wrong. */
const futureMs = 3_600_000;

const tables = {
  raw: { ...sharedTiers.raw, time: 'end_ms' },
  events: { ...sharedTiers.events, time: 'received_ms' },
  minute: { table: 'minute', key: 'key', size: 'length(data)' },
  hour: { table: 'hour', key: 'key', size: 'length(data)' },
} as const;

type TierName = keyof typeof tables;

/** Whichever of age and bytes goes further, in one step. */
function dropOldest(sql: Statements, tier: TierName, nowMs: number, limits: RetentionTier): Dropped {
  const used = Number(sql.get('SELECT bytes FROM usage WHERE tier = ?', tier)?.bytes ?? 0);
  const tooOld = lastTooOld(sql, tier, nowMs, nowMs - limits.maxAgeMs);
  const tooMany = lastTooMany(sql, tier, used - limits.maxBytes);
  if (tooOld === undefined && tooMany === undefined) return { rows: 0, bytes: 0 };
  const last = Math.max(tooOld ?? 0, tooMany ?? 0);
  const { table, key, size } = tables[tier];
  return sql.transaction(() => {
    const bytes = Number(
      sql.get(`SELECT sum(${size}) AS size FROM ${table} WHERE ${key} <= ?`, last)?.size ?? 0,
    );
    if (isShared(tier)) forgetUsage(sql, tier, last);
    const rows = sql.run(`DELETE FROM ${table} WHERE ${key} <= ?`, last);
    sql.run('UPDATE usage SET bytes = max(0, bytes - ?) WHERE tier = ?', bytes, tier);
    return { rows, bytes };
  });
}

/** Of a device that has far more than the others. */
function dropShare(sql: Statements, tier: SharedTier, maxBytes: number): Dropped {
  const used = Number(sql.get('SELECT bytes FROM usage WHERE tier = ?', tier)?.bytes ?? 0);
  if (used <= maxBytes) return { rows: 0, bytes: 0 };
  return sql.transaction(() => {
    const dropped = dropOfLargest(sql, tier, used - maxBytes, rowsPerStep);
    sql.run('UPDATE usage SET bytes = max(0, bytes - ?) WHERE tier = ?', dropped.bytes, tier);
    return dropped;
  });
}

function isShared(tier: TierName): tier is SharedTier {
  return tier === 'raw' || tier === 'events';
}

/**
 * Rows are looked at in the order of arrival: the first that is young enough ends it. One with a time of the future says
 * nothing about its age and goes with those that came after it.
 */
function lastTooOld(sql: Statements, tier: TierName, nowMs: number, beforeMs: number): number | undefined {
  let last: number | undefined;
  if (tier === 'raw' || tier === 'events') {
    const { table, key, time } = tables[tier];
    const rows = sql.all(
      `SELECT ${key} AS id, ${time} AS at FROM ${table} WHERE ${time} <= ? ORDER BY ${key} LIMIT ?`,
      nowMs + futureMs,
      rowsPerStep,
    );
    for (const row of rows) {
      if (Number(row.at) >= beforeMs) break;
      last = Number(row.id);
    }
    return last;
  }
  const limit = rollupKey(tier, 0, Math.max(0, beforeMs));
  for (const row of sql.all(`SELECT key FROM ${tier} WHERE key < ? ORDER BY key LIMIT ?`, limit, rowsPerStep))
    last = Number(row.key);
  return last;
}

/** The oldest by arrival, whatever their times. */
function lastTooMany(sql: Statements, tier: TierName, tooManyBytes: number): number | undefined {
  if (tooManyBytes <= 0) return undefined;
  const { table, key, size } = tables[tier];
  let bytes = 0;
  let last: number | undefined;
  for (const row of sql.all(
    `SELECT ${key} AS id, ${size} AS size FROM ${table} ORDER BY ${key} LIMIT ?`,
    rowsPerStep,
  )) {
    if (bytes >= tooManyBytes) break;
    bytes += Number(row.size);
    last = Number(row.id);
  }
  return last;
}

/** Gives pages back to the disk once a quarter of the file is free; below that new data fills them soon anyway. */
function shrink(sql: Statements): Dropped {
  const number = (pragma: string) => Number(Object.values(sql.get(`PRAGMA ${pragma}`) ?? {})[0] ?? 0);
  const free = number('freelist_count');
  // incremental_vacuum works while its rows are read, a page each.
  if (free > 1000 && free > number('page_count') / 4) sql.all('PRAGMA incremental_vacuum(2000)');
  return { rows: 0, bytes: 0 };
}
