import { chmodSync, closeSync, openSync } from 'node:fs';
import { type Database, openDatabase } from '../../platform/index.ts';
import { explainSqlite } from './faults.ts';
import { claim } from './open.ts';
import { refuseOtherSchema, schemaVersion } from './schema.ts';

const lockWaitMs = 30_000;

/**
 * Copies the database as it is at one moment, while a controller goes on writing to it: one read transaction, which
 * holds no writer up. The copy is written anew, so it has no free pages. `to` must not exist.
 */
export function copyDatabase(file: string, to: string): void {
  withDatabase(file, { lockWaitMs, readOnly: true }, (database) => {
    refuseOtherSchema(database, file);
    closeSync(openSync(to, 'wx', 0o600));
    database.prepare('VACUUM INTO ?').run(to);
    chmodSync(to, 0o600);
  });
}

export interface ExaminedDatabase {
  readonly schema: number;
  readonly devices: number;
}

/** Reads all of a copy and throws a GoshawkError where it is damaged or of another schema. */
export function examineDatabase(file: string): ExaminedDatabase {
  return withDatabase(file, { readOnly: true, check: 'full' }, (database) => {
    refuseOtherSchema(database, file);
    const row = database.prepare('SELECT count(*) AS devices FROM device').get() as { devices: number };
    return { schema: schemaVersion, devices: Number(row.devices) };
  });
}

/** So that no controller opens the database meanwhile; gives what ends it. RefusedError `database-locked`. */
export function holdDatabase(file: string): () => void {
  const lock = claim(file);
  return () => lock.close();
}

function withDatabase<Result>(
  file: string,
  options: Parameters<typeof openDatabase>[1],
  work: (database: Database) => Result,
): Result {
  let database: Database | undefined;
  try {
    database = openDatabase(file, options);
    return work(database);
  } catch (error) {
    throw explainSqlite(error, file);
  } finally {
    database?.close();
  }
}
