import {
  mergeSpan,
  type RollupSpans,
  type RollupTier,
  type Span,
  spanStart,
} from '../../controller/index.ts';
import type { Statements } from './statements.ts';

/** Merges what one commit collected into the stored roll-ups; returns how many bytes each tier grew. */
export function writeRollups(sql: Statements, spans: RollupSpans): Record<RollupTier, number> {
  const { minute, hour } = spans.spread();
  const grow = (tier: RollupTier, rows: typeof minute) =>
    rows.reduce((sum, [key, span]) => sum + mergeRow(sql, tier, key, span), 0);
  return { minute: grow('minute', minute), hour: grow('hour', hour) };
}

function mergeRow(sql: Statements, tier: RollupTier, key: number, span: Span): number {
  const before = sql.get(`SELECT data FROM ${tier} WHERE key = ?`, key)?.data;
  const stored = before instanceof Uint8Array ? before : undefined;
  const data = mergeSpan(spanStart(tier, key), span, stored);
  if (stored === undefined) sql.run(`INSERT INTO ${tier} VALUES (?, ?)`, key, data);
  else sql.run(`UPDATE ${tier} SET data = ? WHERE key = ?`, data, key);
  return data.byteLength - (stored?.byteLength ?? 0);
}
