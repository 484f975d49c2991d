import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PostgresTransferTarget } from '../../adapters/postgres/index.ts';
import { SqliteTransferSource } from '../../adapters/sqlite/index.ts';
import { GoshawkError, InputError, MissingError } from '../../base/index.ts';
import {
  type TransferRow,
  type TransferSource,
  type TransferTable,
  type TransferTarget,
  transferTables,
} from '../../controller/index.ts';
import type { StartProgress } from '../progress.ts';
import { ControllerSettings } from '../settings/controller.ts';
import { readSettings } from '../settings/read.ts';
import { databaseName } from './backup/manifest.ts';
import { databaseAddress } from './database.ts';

export interface MigratedTable {
  readonly table: TransferTable;
  readonly rows: number;
  /** Of all rows, whatever their order. */
  readonly checksum: string;
}

/** `goshawk controller migrate`: from SQLite in the data folder to the PostgreSQL of the settings. */
export async function runMigration(
  configFile: string,
  startProgress: StartProgress,
): Promise<readonly MigratedTable[]> {
  const { dataDir, database } = await readSettings(ControllerSettings, configFile);
  if (database === undefined)
    throw new InputError(
      'settings-invalid',
      `${configFile} names no PostgreSQL.`,
      'Set database.url; the SQLite database of dataDir goes there.',
    );
  const file = join(dataDir, databaseName);
  if (!existsSync(file))
    throw new MissingError(
      'database-missing',
      `There is no database ${file}.`,
      'Check dataDir in the settings; without a fleet to take along just start the controller.',
    );
  const source = new SqliteTransferSource(file);
  try {
    const target = await PostgresTransferTarget.open(await databaseAddress(database), Date.now());
    try {
      return await migrate(source, target, startProgress);
    } finally {
      await target.close();
    }
  } finally {
    source.close();
  }
}

/**
 * Copies table by table, from where the last run was cut short; then reads both databases and compares them. A controller
 * can start with the new one when they are equal, and not before.
 */
export async function migrate(
  source: TransferSource,
  target: TransferTarget,
  startProgress: StartProgress,
): Promise<readonly MigratedTable[]> {
  const progress = await startProgress('Tables copied and compared', 2 * transferTables.length);
  const positions = await target.positions();
  for (const table of transferTables) {
    for (let at = positions.get(table); at !== 'done'; ) {
      const part = source.part(table, at);
      await target.write(table, part);
      at = part.next ?? 'done';
    }
    progress.advance(1, table);
  }
  const compared: MigratedTable[] = [];
  for (const table of transferTables) {
    compared.push(await compareTable(table, source, target));
    progress.advance(1, table);
  }
  progress.stop();
  await target.finish(source.numbers());
  return compared;
}

async function compareTable(
  table: TransferTable,
  source: TransferSource,
  target: TransferTarget,
): Promise<MigratedTable> {
  const before = new RowSum();
  for (let part = source.part(table, undefined); ; part = source.part(table, part.next)) {
    before.add(part.rows);
    if (part.next === undefined) break;
  }
  const after = new RowSum();
  for await (const rows of target.rows(table)) after.add(rows);
  if (before.rows === after.rows && before.checksum === after.checksum)
    return { table, rows: after.rows, checksum: after.checksum };
  throw new GoshawkError(
    'migration-unequal',
    `${table} has ${before.rows} rows (${before.checksum}) in SQLite and ${after.rows} (${after.checksum}) in PostgreSQL.`,
    'Drop the schema goshawk in PostgreSQL and run this again; SQLite was not changed. If it is so again, report it.',
  );
}

/** Counts rows and adds their hashes up: the same rows in any order have the same sum. */
class RowSum {
  rows = 0;
  #sum = 0n;

  add(rows: readonly TransferRow[]): void {
    for (const row of rows) {
      const hash = createHash('sha256');
      for (const value of row)
        if (value instanceof Uint8Array) hash.update(`b${value.length}:`).update(value);
        // PostgreSQL's texts hold every character but this one.
        else hash.update(`${JSON.stringify(value)?.replaceAll('\\u0000', '\\ufffd')}\n`);
      this.#sum = BigInt.asUintN(64, this.#sum + hash.digest().readBigUInt64BE());
      this.rows += 1;
    }
  }

  get checksum(): string {
    return this.#sum.toString(16).padStart(16, '0');
  }
}
