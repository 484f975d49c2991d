import { chmodSync, closeSync, openSync } from 'node:fs';
import { type Database, openDatabase } from '../../platform/index.ts';
import { explainSqlite } from './faults.ts';
import { prepareSchema } from './schema.ts';

const lockWaitMs = 5_000;

/**
 * Holds a file beside the database until it is closed or the process dies: two controllers on one database would each
 * take orders and acknowledge devices without the other's knowledge. The database itself stays open to readers.
 */
export function claim(file: string): Database {
  return explained(file, () => {
    keepPrivate(`${file}.lock`);
    return closedOnError(openDatabase(`${file}.lock`), (lock) => lock.exec('BEGIN EXCLUSIVE'));
  });
}

/** The one connection that writes. Throws a GoshawkError that says what is wrong with the file. */
export function openForWriting(file: string): Database {
  return explained(file, () => {
    keepPrivate(file);
    const database = openDatabase(file, {
      lockWaitMs,
      pragmas: {
        page_size: 8192,
        auto_vacuum: 'INCREMENTAL',
        journal_mode: 'WAL',
        // What is acknowledged to a device must survive a power cut as well as a crash.
        synchronous: 'FULL',
        cache_size: -32_000,
        temp_store: 'MEMORY',
        journal_size_limit: 67_108_864,
        cell_size_check: 'ON',
      },
    });
    return closedOnError(database, () => prepareSchema(database, file));
  });
}

/** A connection for questions; the writer must have opened the file before. */
export function openForReading(file: string): Database {
  return explained(file, () =>
    openDatabase(file, {
      ...{ lockWaitMs, readOnly: true },
      pragmas: { cache_size: -32_000, mmap_size: 268_435_456 },
    }),
  );
}

/**
 * For its user alone, as are the files that SQLite makes beside it, which get the rights of the database. What can't be
 * changed, such as a file of somebody else, is left to SQLite to use or to refuse.
 */
function keepPrivate(file: string): void {
  try {
    // Never one that is there: closing it would drop the locks that this process has on it.
    closeSync(openSync(file, 'wx', 0o600));
  } catch {
    // It is there, or can't be.
  }
  for (const suffix of ['', '-wal', '-shm'])
    try {
      chmodSync(`${file}${suffix}`, 0o600);
    } catch {
      // Not there, or not ours.
    }
}

function explained(file: string, open: () => Database): Database {
  try {
    return open();
  } catch (error) {
    throw explainSqlite(error, file);
  }
}

function closedOnError(database: Database, prepare: (database: Database) => void): Database {
  try {
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
