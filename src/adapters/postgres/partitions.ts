import type { Sql } from './sql.ts';

const hour = 3_600_000;

/** The tables that are partitioned by a time in milliseconds, and how much of it a partition has. */
export const partitioned = {
  raw: { column: 'arrived_ms', spanMs: 6 * hour },
  minute: { column: 'start_ms', spanMs: 24 * hour },
  hour: { column: 'start_ms', spanMs: 30 * 24 * hour },
} as const;
export type PartitionedTable = keyof typeof partitioned;
export const partitionedTables = Object.keys(partitioned) as PartitionedTable[];

export interface Partition {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The partition of a table that has this time. Its name says where it begins. */
function partitionAt(table: PartitionedTable, timeMs: number): Partition {
  const { spanMs } = partitioned[table];
  const fromMs = Math.floor(timeMs / spanMs) * spanMs;
  return { name: `${table}_${fromMs}`, fromMs, toMs: fromMs + spanMs };
}

/** Those there are, from the oldest; without the one for times that none of them has. */
export async function partitionsOf(sql: Sql, table: PartitionedTable): Promise<Partition[]> {
  const rows = await sql.all(
    `SELECT c.relname AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
     WHERE inhparent = $1::regclass AND c.relname ~ '_[0-9]+$'`,
    table,
  );
  return rows
    .map(({ name }) => partitionAt(table, Number(String(name).split('_')[1])))
    .sort((a, b) => a.fromMs - b.fromMs);
}

/**
 * Makes the partitions of now and of what comes next, and the one for every other time: a batch of a device whose clock is
 * wrong is stored as well.
 */
export async function ensurePartitions(sql: Sql, nowMs: number, before: Before = {}): Promise<void> {
  for (const table of partitionedTables) {
    const there = new Set((await partitionsOf(sql, table)).map(({ name }) => name));
    await sql.run(`CREATE TABLE IF NOT EXISTS ${table}_other PARTITION OF ${table} DEFAULT ${inline}`);
    for (let at = -(before[table] ?? 0); at <= 1; at++) {
      const partition = partitionAt(table, nowMs + at * partitioned[table].spanMs);
      if (!there.has(partition.name)) await sql.transaction(() => makePartition(sql, table, partition));
    }
  }
}

/** How many partitions before that of now are made too. */
export type Before = Readonly<Partial<Record<PartitionedTable, number>>>;

/** Blocks stay in the row up to this size: a table beside it for larger values would cost a second write each. */
const inline = 'WITH (toast_tuple_target = 8160)';

/** Rows of this time that came before the partition was made move into it. */
async function makePartition(
  sql: Sql,
  table: PartitionedTable,
  { name, fromMs, toMs }: Partition,
): Promise<void> {
  const { column } = partitioned[table];
  await sql.run(`CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS INCLUDING STORAGE) ${inline}`);
  await sql.run(
    `WITH moved AS (DELETE FROM ${table}_other WHERE ${column} >= ${fromMs} AND ${column} < ${toMs} RETURNING *)
     INSERT INTO ${name} SELECT * FROM moved`,
  );
  await sql.run(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM (${fromMs}) TO (${toMs})`);
}
