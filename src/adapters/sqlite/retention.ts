import type { Retention } from '../../controller/index.ts';
import { type Dropped, dropIncidents } from './incident-retention.ts';
import { rollupKey } from './rollups.ts';
import type { Statements } from './statements.ts';

const rowsPerStep = 500;

/** One step: the oldest rows of the first tier that has too old or too many. No rows: all is within its limits. */
export function retainStep(sql: Statements, retention: Retention, nowMs: number): Dropped {
  for (const tier of ['raw', 'minute', 'hour', 'events'] as const) {
    const { maxAgeMs, maxBytes } = retention[tier];
    const used = Number(sql.get('SELECT bytes FROM usage WHERE tier = ?', tier)?.bytes ?? 0);
    const dropped = dropOldest(sql, tier, nowMs - maxAgeMs, used - maxBytes);
    if (dropped.rows > 0) return dropped;
  }
  const watched = dropIncidents(sql, retention, nowMs);
  if (watched.rows > 0) return watched;
  return shrink(sql);
}

interface Old {
  readonly id: number;
  readonly old: boolean;
  readonly bytes: number;
}

/** Rows are looked at in the order of arrival: the first that is young enough ends it. */
function dropOldest(
  sql: Statements,
  tier: 'raw' | 'minute' | 'hour' | 'events',
  beforeMs: number,
  tooManyBytes: number,
): Dropped {
  let bytes = 0;
  let rows = 0;
  let last: number | undefined;
  for (const row of oldest(sql, tier, beforeMs)) {
    if (!row.old && bytes >= tooManyBytes) break;
    bytes += row.bytes;
    rows += 1;
    last = row.id;
  }
  if (last === undefined) return { rows: 0, bytes: 0 };
  const { table, key } = tables[tier];
  sql.transaction(() => {
    sql.run(`DELETE FROM ${table} WHERE ${key} <= ?`, last);
    sql.run('UPDATE usage SET bytes = max(0, bytes - ?) WHERE tier = ?', bytes, tier);
  });
  return { rows, bytes };
}

const tables = {
  raw: { table: 'raw', key: 'id' },
  minute: { table: 'minute', key: 'key' },
  hour: { table: 'hour', key: 'key' },
  events: { table: 'event', key: 'seq' },
} as const;

function oldest(sql: Statements, tier: keyof typeof tables, beforeMs: number): Old[] {
  if (tier === 'raw')
    return sql
      .all('SELECT id, end_ms, length(data) AS size FROM raw ORDER BY id LIMIT ?', rowsPerStep)
      .map((row) => ({ id: Number(row.id), old: Number(row.end_ms) < beforeMs, bytes: Number(row.size) }));
  if (tier === 'events')
    return sql
      .all(
        'SELECT seq, received_ms, 150 + length(message) + coalesce(length(data), 0) AS size FROM event ORDER BY seq LIMIT ?',
        rowsPerStep,
      )
      .map((row) => ({
        id: Number(row.seq),
        old: Number(row.received_ms) < beforeMs,
        bytes: Number(row.size),
      }));
  const limit = rollupKey(tier, 0, Math.max(0, beforeMs));
  return sql
    .all(`SELECT key, length(data) AS size FROM ${tier} ORDER BY key LIMIT ?`, rowsPerStep)
    .map((row) => ({ id: Number(row.key), old: Number(row.key) < limit, bytes: Number(row.size) }));
}

/** Gives pages back to the disk once a quarter of the file is free; below that new data fills them soon anyway. */
function shrink(sql: Statements): Dropped {
  const number = (pragma: string) => Number(Object.values(sql.get(`PRAGMA ${pragma}`) ?? {})[0] ?? 0);
  const free = number('freelist_count');
  // incremental_vacuum works while its rows are read, a page each.
  if (free > 1000 && free > number('page_count') / 4) sql.all('PRAGMA incremental_vacuum(2000)');
  return { rows: 0, bytes: 0 };
}
