import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { explainSqlite } from './faults.ts';
import { migrate } from './schema.ts';

const lockMs = 5_000;

/**
 * Holds a file beside the database until it is closed or the process dies: two controllers on one database would each
 * take orders and acknowledge devices without the other's knowledge. The database itself stays open to readers.
 */
export function claim(file: string): DatabaseSyncInstance {
  let claimed: DatabaseSyncInstance | undefined;
  try {
    claimed = new DatabaseSync(`${file}.lock`, { timeout: 0 });
    claimed.exec('BEGIN EXCLUSIVE');
    return claimed;
  } catch (error) {
    claimed?.close();
    throw explainSqlite(error, file);
  }
}

/** The one connection that writes. Throws a GoshawkError that says what is wrong with the file. */
export function openForWriting(file: string): DatabaseSyncInstance {
  let db: DatabaseSyncInstance | undefined;
  try {
    db = new DatabaseSync(file, { timeout: lockMs });
    // Before the first table, or they have no effect.
    db.exec('PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL');
    db.exec('PRAGMA journal_mode = WAL');
    // What is acknowledged to a device must survive a power cut as well as a crash.
    db.exec('PRAGMA synchronous = FULL; PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY');
    db.exec('PRAGMA journal_size_limit = 67108864; PRAGMA cell_size_check = ON');
    migrate(db, file);
    return db;
  } catch (error) {
    db?.close();
    throw explainSqlite(error, file);
  }
}

/** A connection for questions; the writer must have opened the file before. */
export function openForReading(file: string): DatabaseSyncInstance {
  try {
    const db = new DatabaseSync(file, { timeout: lockMs, readOnly: true });
    db.exec('PRAGMA cache_size = -32000; PRAGMA mmap_size = 268435456');
    return db;
  } catch (error) {
    throw explainSqlite(error, file);
  }
}
