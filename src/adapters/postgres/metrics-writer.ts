import {
  type CommitResult,
  deviceFactor,
  encodeSamples,
  type MetricsRow,
  mergeSpan,
  RollupSpans,
  type RollupTier,
  type Span,
  spanStart,
  timeRange,
} from '../../controller/index.ts';
import type { BlockCache } from './block-cache.ts';
import { Blocks } from './blocks.ts';
import { Receipts } from './received.ts';
import type { Sql } from './sql.ts';

export type NumberedRow = MetricsRow & { readonly number: number };

/** Number of the leader among those who write parts of roll-ups; ingest processes have those above. */
export const leaderWriter = 0;

export interface WrittenMetrics extends Omit<CommitResult, 'events'> {
  /** The batches that are new, each with its block. */
  readonly fresh: readonly { readonly row: MetricsRow; readonly block: Uint8Array }[];
}

/** Stores the batches of one commit: what is new of them as blocks, and merged into the writer's part of the roll-ups. */
export async function writeMetrics(
  sql: Sql,
  rows: readonly NumberedRow[],
  arrivedMs: number,
  cache: BlockCache,
  writer = leaderWriter,
): Promise<WrittenMetrics> {
  const receipts = new Receipts(sql);
  const batches = rows.map((row) => ({ ...row, device: row.number }));
  if (batches.length > 0) await receipts.load(batches);
  const spans = new RollupSpans();
  const raw = new Blocks();
  let duplicateBatches = 0;
  const repeatedSessions: { device: string; session: number }[] = [];
  const fresh: { row: MetricsRow; block: Uint8Array }[] = [];
  for (const [index, batch] of batches.entries()) {
    const row = rows[index];
    const receipt = receipts.receive(batch);
    if (row === undefined || receipt === 'duplicate') {
      duplicateBatches += 1;
      continue;
    }
    if (receipt === 'repeated-session') repeatedSessions.push({ device: row.device, session: row.session });
    if (row.values.length === 0) continue;
    spans.add(batch.device, row);
    const block = encodeSamples(row);
    fresh.push({ row, block });
    raw.add(block, batch.device, ...wholeRange(row.timesMs));
  }
  if (batches.length > 0) await receipts.save();
  await writeRaw(sql, raw, arrivedMs);
  const { minute, hour } = spans.spread();
  const part = { cache, writer };
  await writeRollups(sql, 'minute', minute, part);
  await writeRollups(sql, 'hour', hour, part);
  return { duplicateBatches, repeatedSessions, fresh };
}

async function writeRaw(sql: Sql, blocks: Blocks, arrivedMs: number): Promise<void> {
  if (blocks.size === 0) return;
  await sql.run(
    `INSERT INTO raw (arrived_ms, device, start_ms, end_ms, data)
     SELECT $1, device, start_ms, end_ms, substr($2::bytea, first, length)
     FROM unnest($3::int[], $4::int[], $5::int[], $6::bigint[], $7::bigint[]) AS k (first, length, device, start_ms, end_ms)`,
    ...[arrivedMs, blocks.bytes(), blocks.starts, blocks.lengths, ...blocks.columns],
  );
}

/** The roll-ups that only this writer writes. */
interface Part {
  readonly writer: number;
  readonly cache: BlockCache;
}

async function writeRollups(
  sql: Sql,
  tier: RollupTier,
  rows: readonly (readonly [key: number, span: Span])[],
  { cache, writer }: Part,
): Promise<void> {
  if (rows.length === 0) return;
  const starts = rows.map(([key]) => spanStart(tier, key));
  const devices = rows.map(([key]) => key % deviceFactor);
  const keyOf = (index: number) => `${tier} ${starts[index]} ${devices[index]}`;
  const unknown = rows.flatMap((_, index) => (cache.get(keyOf(index)) === undefined ? [index] : []));
  if (unknown.length > 0)
    await readBlocks(
      sql,
      tier,
      unknown.map((at) => [starts[at] ?? 0, devices[at] ?? 0]),
      { cache, writer },
    );
  const blocks = new Blocks();
  for (const [index, [, span]] of rows.entries()) {
    const startMs = starts[index] ?? 0;
    const device = devices[index] ?? 0;
    const block = mergeSpan(startMs, span, cache.get(keyOf(index)));
    cache.set(keyOf(index), block);
    blocks.add(block, startMs, device);
  }
  await sql.run(
    `INSERT INTO ${tier} (start_ms, device, writer, data)
     SELECT start_ms, device, $6, substr($1::bytea, first, length)
     FROM unnest($2::int[], $3::int[], $4::bigint[], $5::int[]) AS k (first, length, start_ms, device)
     ON CONFLICT (start_ms, device, writer) DO UPDATE SET data = excluded.data`,
    ...[blocks.bytes(), blocks.starts, blocks.lengths, blocks.columns[0], blocks.columns[1], writer],
  );
}

/** What is stored of these spans, into the cache. */
async function readBlocks(
  sql: Sql,
  tier: RollupTier,
  keys: readonly (readonly [startMs: number, device: number])[],
  { cache, writer }: Part,
): Promise<void> {
  const starts = keys.map(([startMs]) => startMs);
  const stored = await sql.all(
    `SELECT t.start_ms, t.device, t.data FROM ${tier} t
     JOIN unnest($1::bigint[], $2::int[]) AS k (start_ms, device) ON t.start_ms = k.start_ms AND t.device = k.device
     WHERE t.writer = $5 AND t.start_ms BETWEEN $3 AND $4`,
    ...[starts, keys.map(([, device]) => device), ...minMax(starts), writer],
  );
  for (const row of stored) cache.set(`${tier} ${row.start_ms} ${row.device}`, row.data as Uint8Array);
}

/** Of very many numbers, which are too many for arguments. */
function minMax(values: readonly number[]): [number, number] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}

/** In whole milliseconds, around all of it: the columns are integers. */
function wholeRange(timesMs: Float64Array): [number, number] {
  const [start, end] = timeRange(timesMs);
  return [Math.floor(start), Math.ceil(end)];
}
