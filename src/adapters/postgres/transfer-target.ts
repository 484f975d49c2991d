import { InternalError, RefusedError } from '../../base/index.ts';
import {
  type TransferPart,
  type TransferPosition,
  type TransferRow,
  type TransferTable,
  type TransferTarget,
  transferColumns,
} from '../../controller/index.ts';
import { Blocks } from './blocks.ts';
import { explainPostgres } from './faults.ts';
import { ensurePartitions, type PartitionedTable, partitioned } from './partitions.ts';
import { prepareSchema, transferState } from './prepare.ts';
import { type DatabaseAddress, describeAddress, Session } from './session.ts';
import type { Sql, Value } from './sql.ts';

const rowsAtOnce = 2_000;

/** Partitions for what the usual retention keeps: 2 days, 30 days, two years; older rows lie in the one for other times. */
const history = { raw: 8, minute: 31, hour: 25 };

/** Types of the columns of `transferColumns`; what travels as 1 and 0 is made true and false by `writtenAs`. */
const types: Readonly<Record<Exclude<TransferTable, PartitionedTable>, readonly string[]>> = {
  device: ['int', 'text', 'float8', 'text', 'text', 'text', 'text', 'int'],
  series: ['bigint', 'text', 'text', 'text', 'text', 'float8'],
  catalogue: ['int', 'bigint', 'text'],
  received: ['int', 'bigint', 'text', 'int'],
  batch_content: ['int', 'bigint', 'bigint', 'bigint'],
  document: ['text', 'text', 'text', 'float8', 'text'],
  event: ['bigint', 'int', 'text', 'float8', 'float8', 'text', 'smallint', 'text', 'text', 'text'],
  audit: ['bigint', 'float8', 'text', 'text', 'text', 'text', 'text', 'text'],
  drift_incident: ['text', 'int', 'text', 'float8', 'float8', 'bigint', 'text'],
  drift_view: ['text', 'text'],
  drift_status: ['bigint', 'int', 'text', 'float8', 'text', 'text', 'text'],
  alert: ['text', 'text', 'text', 'smallint', 'float8', 'int', 'int', 'text'],
};
const booleans = new Set(['told_online', 'repeated', 'firing', 'busy']);

/** An empty PostgreSQL that a fleet's database goes into; no controller starts with it before the end. */
export class PostgresTransferTarget implements TransferTarget {
  readonly #session: Session;
  readonly #where: string;

  private constructor(session: Session, where: string) {
    this.#session = session;
    this.#where = where;
  }

  /** RefusedError `database-used` where a fleet is in it already. */
  static async open(address: DatabaseAddress, nowMs: number): Promise<PostgresTransferTarget> {
    const where = describeAddress(address);
    const session = await Session.open(address, 'goshawk migrate');
    const { sql } = session;
    try {
      const held = await sql.get(
        `SELECT pg_try_advisory_lock(hashtextextended('goshawk controller', 0)) AS held`,
      );
      if (held?.held !== true)
        throw new RefusedError(
          'database-taken',
          `A controller, or another migration, has the database ${where}.`,
          'Stop it and run this again.',
        );
      const begun = (await transferState(sql)) === 'begun';
      if (!begun) await begin(sql, where, nowMs);
      await ensurePartitions(sql, nowMs, history);
      return new PostgresTransferTarget(session, where);
    } catch (error) {
      await session.close();
      throw explainPostgres(error, where);
    }
  }

  positions(): Promise<Map<TransferTable, TransferPosition | 'done'>> {
    return this.#explained(async (sql) => {
      const rows = await sql.all('SELECT * FROM transfer');
      return new Map(rows.map((row) => [row.name as TransferTable, String(row.position)]));
    });
  }

  write(table: TransferTable, { rows, next }: TransferPart): Promise<void> {
    return this.#explained((sql) =>
      sql.transaction(async () => {
        if (rows.length > 0) {
          if (isPartitioned(table)) await writeBlocks(sql, table, rows);
          else await writeColumns(sql, table, rows);
        }
        await sql.run(
          'INSERT INTO transfer VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET position = excluded.position',
          ...[table, next ?? 'done'],
        );
      }),
    );
  }

  async *rows(table: TransferTable): AsyncIterable<readonly TransferRow[]> {
    const columns: readonly string[] = transferColumns[table];
    const selected = columns.map((column) => (booleans.has(column) ? `${column}::int AS ${column}` : column));
    await this.#explained((sql) => sql.run('BEGIN READ ONLY'));
    await this.#explained((sql) =>
      sql.run(`DECLARE transferred NO SCROLL CURSOR FOR SELECT ${selected.join(', ')} FROM ${table}`),
    );
    for (;;) {
      const rows = await this.#explained((sql) => sql.all(`FETCH ${rowsAtOnce} FROM transferred`));
      if (rows.length === 0) break;
      yield rows.map((row) => columns.map((column) => row[column] as TransferRow[number]));
    }
    await this.#explained((sql) => sql.run('COMMIT'));
  }

  finish({ device, event }: { readonly device: number; readonly event: number }): Promise<void> {
    return this.#explained((sql) =>
      sql.transaction(async () => {
        await sql.run(`SELECT setval(pg_get_serial_sequence('device', 'id'), $1)`, Math.max(1, device));
        await sql.run(
          `SELECT setval(pg_get_serial_sequence('drift_status', 'seq'), coalesce(max(seq), 0) + 1) FROM drift_status`,
        );
        await sql.run(`UPDATE state SET value = $1 WHERE name = 'event'`, event);
        for (const [tier, sum] of [
          ['events', '(SELECT sum(150 + length(message) + coalesce(length(data), 0)) FROM event)'],
          [
            'drift',
            '(SELECT sum(length(data)) FROM drift_incident) + (SELECT coalesce(sum(length(view)), 0) FROM drift_view)',
          ],
          ['alerts', '(SELECT sum(length(data)) FROM alert)'],
        ])
          await sql.run(`UPDATE usage SET bytes = coalesce(${sum}, 0) WHERE tier = $1`, String(tier));
        await sql.run('DROP TABLE transfer');
      }),
    );
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #explained<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.#session.sql);
    } catch (error) {
      throw explainPostgres(error, this.#where);
    }
  }
}

async function begin(sql: Sql, where: string, nowMs: number): Promise<void> {
  await prepareSchema(sql, where, nowMs);
  const used = await sql.get(
    'SELECT EXISTS (SELECT FROM device) OR EXISTS (SELECT FROM audit) OR EXISTS (SELECT FROM document) AS used',
  );
  if (used?.used === true)
    throw new RefusedError(
      'database-used',
      `The database ${where} holds a fleet already.`,
      'Name an empty database in database.url.',
    );
  await sql.run('CREATE TABLE transfer (name text PRIMARY KEY, position text NOT NULL)');
}

function isPartitioned(table: TransferTable): table is PartitionedTable {
  return table in partitioned;
}

async function writeColumns(
  sql: Sql,
  table: Exclude<TransferTable, PartitionedTable>,
  rows: readonly TransferRow[],
): Promise<void> {
  const columns: readonly string[] = transferColumns[table];
  const arrays = types[table].map((type, at) => `$${at + 1}::${type}[]`);
  const selected = columns.map((column) => (booleans.has(column) ? `${column}::boolean` : column));
  await sql.run(
    `INSERT INTO ${table} (${columns.join(', ')}) OVERRIDING SYSTEM VALUE
     SELECT ${selected.join(', ')} FROM unnest(${arrays.join(', ')}) AS k (${columns.join(', ')})`,
    ...columns.map((_, at) => rows.map((row) => row[at]) as Value),
  );
}

/** Each block into the partition of its time; raw ones came when they ended, as far as is known. */
async function writeBlocks(sql: Sql, table: PartitionedTable, rows: readonly TransferRow[]): Promise<void> {
  const blocks = new Blocks();
  for (const row of rows) {
    const data = row.at(-1);
    if (!(data instanceof Uint8Array))
      throw new InternalError('transfer-block', `A row of ${table} has no block.`, '');
    blocks.add(data, ...(row.slice(0, -1).map(Number) as [number, number, number?]));
  }
  const columns = transferColumns[table].slice(0, -1);
  const names = columns.join(', ');
  const arrays = columns.map((_, at) => `$${at + 4}::bigint[]`).join(', ');
  const arrival = table === 'raw' ? ['arrived_ms, ', 'end_ms, '] : ['', ''];
  await sql.run(
    `INSERT INTO ${table} (${arrival[0]}${names}, data) SELECT ${arrival[1]}${names}, substr($1::bytea, first, length)
     FROM unnest($2::int[], $3::int[], ${arrays}) AS k (first, length, ${names})`,
    ...[blocks.bytes(), blocks.starts, blocks.lengths, ...blocks.columns.slice(0, columns.length)],
  );
}
