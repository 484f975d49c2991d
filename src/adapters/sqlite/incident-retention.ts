import type { Dropped, Retention } from '../../controller/index.ts';
import { grow } from './incident-writer.ts';
import type { Statements } from './statements.ts';

const rowsPerStep = 500;

/** One step: the oldest incidents that are over, alerts that are resolved, and changes of state; never what lasts. */
export function dropIncidents(sql: Statements, retention: Retention, nowMs: number): Dropped {
  return sql.transaction(() => {
    const dropped = [
      dropOld(sql, 'drift', nowMs - retention.drift.maxAgeMs, retention.drift.maxBytes),
      dropOld(sql, 'alerts', nowMs - retention.alerts.maxAgeMs, retention.alerts.maxBytes),
      dropStates(sql, nowMs - retention.drift.maxAgeMs),
    ];
    return dropped.reduce((sum, one) => ({ rows: sum.rows + one.rows, bytes: sum.bytes + one.bytes }));
  });
}

const tables = {
  drift: {
    table: 'drift_incident',
    from: 'drift_incident LEFT JOIN drift_view ON incident = id',
    time: 'started_ms',
    over: 'ended_ms IS NOT NULL',
    size: 'length(data) + coalesce(length(view), 0)',
  },
  alerts: { table: 'alert', from: 'alert', time: 'fired_ms', over: 'busy = 0', size: 'length(data)' },
} as const;

function dropOld(sql: Statements, tier: keyof typeof tables, beforeMs: number, maxBytes: number): Dropped {
  const { table, from, time, over, size } = tables[tier];
  const used = Number(sql.get('SELECT bytes FROM usage WHERE tier = ?', tier)?.bytes ?? 0);
  const rows = sql.all(
    `SELECT id, ${time} AS at, ${size} AS size FROM ${from} WHERE ${over} ORDER BY ${time} LIMIT ?`,
    rowsPerStep,
  );
  let bytes = 0;
  let dropped = 0;
  for (const row of rows) {
    if (Number(row.at) >= beforeMs && used - bytes <= maxBytes) break;
    sql.run(`DELETE FROM ${table} WHERE id = ?`, String(row.id));
    if (tier === 'drift') sql.run('DELETE FROM drift_view WHERE incident = ?', String(row.id));
    bytes += Number(row.size);
    dropped += 1;
  }
  grow(sql, tier, -bytes);
  return { rows: dropped, bytes };
}

/** The newest of every camera stays, however old: it still holds. */
function dropStates(sql: Statements, beforeMs: number): Dropped {
  const rows = sql.run(
    `DELETE FROM drift_status WHERE seq IN (
       SELECT seq FROM drift_status AS old WHERE time_ms < ? AND EXISTS (
         SELECT 1 FROM drift_status AS newer
         WHERE newer.device = old.device AND newer.camera = old.camera AND newer.seq > old.seq
       ) ORDER BY seq LIMIT ?
     )`,
    beforeMs,
    rowsPerStep,
  );
  return { rows, bytes: 0 };
}
