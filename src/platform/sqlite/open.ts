import { createRequire } from 'node:module';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { DamagedDatabase } from './fault.ts';

export type Database = DatabaseSyncInstance;

export interface DatabaseOptions {
  /** How long a statement waits for somebody else's lock, milliseconds; default 0. */
  readonly lockWaitMs?: number;
  readonly readOnly?: boolean;
  /** Set in this order; those of the file's form come first, since they have no effect after the first table. */
  readonly pragmas?: Readonly<Record<string, string | number>>;
  /** Reads all of the file and looks for damage; `full`: compares the indexes with the tables too, which takes longer. */
  readonly check?: boolean | 'full';
}

/** Throws what SQLite throws, for `sqliteFault`; nothing stays open then. Synchronous, as all of this: use it in a thread. */
export function openDatabase(file: string, options: DatabaseOptions = {}): Database {
  const { lockWaitMs = 0, readOnly = false, pragmas = {}, check = false } = options;
  const database = new (driver().DatabaseSync)(file, { timeout: lockWaitMs, readOnly });
  try {
    for (const [name, value] of Object.entries(pragmas)) database.exec(`PRAGMA ${name} = ${value}`);
    if (check !== false) refuseDamage(database, check === 'full' ? 'integrity_check' : 'quick_check');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** All of `work` or nothing of it. */
export function inTransaction<Result>(database: TransactionTarget, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

function rollBack(database: TransactionTarget): void {
  try {
    // After a full disk SQLite may have rolled back by itself.
    if (database.isTransaction) database.exec('ROLLBACK');
  } catch {
    // The first error is the one to tell.
  }
}

type TransactionTarget = Pick<Database, 'exec' | 'isTransaction'>;

function refuseDamage(database: Database, check: 'quick_check' | 'integrity_check'): void {
  const found = database.prepare(`PRAGMA ${check}(1)`).get() as Record<string, string> | undefined;
  if (found?.[check] !== 'ok') throw new DamagedDatabase(found?.[check] ?? 'it cannot be read');
}

/** Loaded with the first database: it takes 10 ms, and every program and thread comes through this room's door. */
function driver(): typeof import('@photostructure/sqlite') {
  return createRequire(import.meta.url)('@photostructure/sqlite') as typeof import('@photostructure/sqlite');
}
