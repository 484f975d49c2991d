import type { Statements } from './statements.ts';

/*
 * Bytes of each device in the tiers that one device could fill. Where a tier has too much, a device that has far more than
 * the others pays first, with its oldest rows: one that floods shortens its own history and nobody else's.
 */

export type SharedTier = 'raw' | 'events';

/** A device with so many times of what the others have on average has too much. */
const farMore = 4;

export const sharedTiers = {
  raw: { table: 'raw', key: 'id', size: 'length(data)' },
  events: { table: 'event', key: 'seq', size: '150 + length(message) + coalesce(length(data), 0)' },
} as const;

export function growOfDevice(sql: Statements, tier: SharedTier, device: number, bytes: number): void {
  if (bytes === 0) return;
  sql.run(
    `INSERT INTO device_usage VALUES (?, ?, ?)
     ON CONFLICT (tier, device) DO UPDATE SET bytes = max(0, bytes + excluded.bytes)`,
    ...[tier, device, bytes],
  );
}

/** Before rows are deleted, up to and with the one with this key. */
export function forgetUsage(sql: Statements, tier: SharedTier, last: number): void {
  const { table, key, size } = sharedTiers[tier];
  for (const row of sql.all(
    `SELECT device, sum(${size}) AS bytes FROM ${table} WHERE ${key} <= ? GROUP BY device`,
    last,
  ))
    growOfDevice(sql, tier, Number(row.device), -Number(row.bytes));
  sql.run('DELETE FROM device_usage WHERE tier = ? AND bytes <= 0', tier);
}

/** Deletes the oldest rows of the device that has most, if that is far more than the others have; so many at most. */
export function dropOfLargest(
  sql: Statements,
  tier: SharedTier,
  tooManyBytes: number,
  maxRows: number,
): { readonly rows: number; readonly bytes: number } {
  const { table, key, size } = sharedTiers[tier];
  const nothing = { rows: 0, bytes: 0 };
  const largest = sql.get(
    'SELECT device, bytes FROM device_usage WHERE tier = ? ORDER BY bytes DESC LIMIT 1',
    tier,
  );
  const all = sql.get(
    'SELECT count(*) AS devices, sum(bytes) AS bytes FROM device_usage WHERE tier = ?',
    tier,
  );
  const others = Number(all?.devices ?? 0) - 1;
  if (largest === undefined || others < 1) return nothing;
  const device = Number(largest.device);
  const ofOthers = (Number(all?.bytes) - Number(largest.bytes)) / others;
  const most = Math.min(tooManyBytes, Number(largest.bytes) - farMore * ofOthers);
  if (most <= 0) return nothing;
  let bytes = 0;
  let last: number | undefined;
  let rows = 0;
  for (const row of sql.all(
    `SELECT ${key} AS id, ${size} AS size FROM ${table} WHERE device = ? ORDER BY ${key} LIMIT ?`,
    ...[device, maxRows],
  )) {
    if (bytes >= most) break;
    bytes += Number(row.size);
    last = Number(row.id);
    rows += 1;
  }
  if (last === undefined) {
    sql.run('DELETE FROM device_usage WHERE tier = ? AND device = ?', tier, device);
    return nothing;
  }
  sql.run(`DELETE FROM ${table} WHERE device = ? AND ${key} <= ?`, device, last);
  growOfDevice(sql, tier, device, -bytes);
  return { rows, bytes };
}
