import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { StatementSyncInstance } from '@photostructure/sqlite';
import { type Database, inTransaction, openDatabase, sqliteFault } from '../../platform/index.ts';
import type { EntryInfo, OpenedStore, StoredEntry, Thinning } from '../../telemetry/index.ts';
import { storeError } from './errors.ts';

export interface OutboxFile {
  readonly folder: string;
  /** Hard limit of the file; the outbox itself keeps below its own by thinning. */
  readonly maxFileBytes: number;
}

const pageBytes = 4096;
const schema = `
  CREATE TABLE IF NOT EXISTS entries (
    entry INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    session INTEGER NOT NULL,
    thinned INTEGER NOT NULL,
    payload BLOB NOT NULL
  ) STRICT;
`;

/** One thing to do; several are done in one transaction. */
export type Operation =
  | { readonly kind: 'append'; readonly entry: StoredEntry; readonly thinning?: Thinning }
  | { readonly kind: 'remove'; readonly entries: readonly number[] };

/**
 * The file behind the outbox. Synchronous: a commit waits for the disk (WAL with synchronous=FULL), so it lives in a
 * worker. AUTOINCREMENT keeps the highest number ever given out, so numbers grow even when the table was emptied.
 */
export class OutboxDatabase {
  readonly #file: OutboxFile;
  #database: Database | undefined;
  #statements: Readonly<Record<'append' | 'remove' | 'thinned' | 'read', StatementSyncInstance>> | undefined;

  constructor(file: OutboxFile) {
    this.#file = file;
  }

  /**
   * `nowMs` is where numbers begin: above all that an earlier, lost file can have given out, and above those of entries that
   * were sent from memory while this one was full. An acknowledgement that is still on its way must not meet another entry.
   */
  open(nowMs: number): OpenedStore {
    const path = join(this.#file.folder, 'outbox.db');
    try {
      mkdirSync(this.#file.folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw storeError(error, this.#file.folder);
    }
    try {
      return this.#openAt(path, nowMs);
    } catch (error) {
      this.close();
      if (sqliteFault(error) !== 'corrupt') throw storeError(error, path);
      const aside = this.#moveAside(path, nowMs);
      const reason = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
      const opened = this.#openAt(path, nowMs);
      return { ...opened, damage: `The outbox ${path} was damaged (${reason}) and was moved to ${aside}.` };
    }
  }

  /** All or nothing. */
  apply(operations: readonly Operation[]): void {
    const database = this.#opened();
    try {
      inTransaction(database, () => {
        for (const operation of operations) this.#apply(operation);
      });
    } catch (error) {
      throw storeError(error, this.#file.folder);
    }
  }

  read(entry: number): Uint8Array | undefined {
    this.#opened();
    try {
      const row = this.#statements?.read.get(entry) as { payload: Uint8Array } | undefined;
      return row?.payload;
    } catch (error) {
      throw storeError(error, this.#file.folder);
    }
  }

  close(): void {
    this.#statements = undefined;
    this.#database?.close();
    this.#database = undefined;
  }

  #openAt(path: string, nowMs: number): OpenedStore {
    const database = openDatabase(path, {
      pragmas: {
        page_size: pageBytes,
        // A second agent on the same folder would send and forget the entries of the first.
        locking_mode: 'EXCLUSIVE',
        journal_mode: 'WAL',
        synchronous: 'FULL',
        journal_size_limit: 1_048_576,
      },
      check: true,
    });
    this.#database = database;
    database.exec(schema);
    database.exec(`PRAGMA max_page_count = ${Math.max(16, Math.ceil(this.#file.maxFileBytes / pageBytes))}`);
    this.#statements = {
      append: database.prepare(
        'INSERT OR IGNORE INTO entries (entry, kind, session, thinned, payload) VALUES (?, ?, ?, ?, ?)',
      ),
      remove: database.prepare('DELETE FROM entries WHERE entry = ?'),
      thinned: database.prepare('UPDATE entries SET thinned = ? WHERE entry = ?'),
      read: database.prepare('SELECT payload FROM entries WHERE entry = ?'),
    };
    const last = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").get() as
      | { seq: number }
      | undefined;
    const rows = database
      .prepare('SELECT entry, kind, session, thinned, length(payload) AS bytes FROM entries ORDER BY entry')
      .all() as unknown as EntryInfo[];
    const nextEntry = last === undefined ? nowMs : Math.max(nowMs, last.seq + 1);
    return { nextEntry, entries: rows.map((row) => ({ ...row })) };
  }

  #apply(operation: Operation): void {
    const statements = this.#statements;
    if (statements === undefined) return;
    if (operation.kind === 'remove') {
      for (const entry of operation.entries) statements.remove.run(entry);
      return;
    }
    // What makes room goes first, so that a file at its limit can take the new entry.
    for (const entry of operation.thinning?.remove ?? []) statements.remove.run(entry);
    for (const { entry, thinned } of operation.thinning?.thinned ?? [])
      statements.thinned.run(thinned, entry);
    const { entry, kind, session, thinned, payload } = operation.entry;
    statements.append.run(entry, kind, session, thinned, payload);
  }

  #moveAside(path: string, nowMs: number): string {
    const aside = `${path}.damaged-${nowMs}`;
    try {
      renameSync(path, aside);
    } catch (error) {
      throw storeError(error, path);
    }
    for (const suffix of ['-wal', '-shm'])
      if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${aside}${suffix}`);
    return aside;
  }

  #opened(): Database {
    if (this.#database === undefined) throw storeError(new Error('it is closed'), this.#file.folder);
    return this.#database;
  }
}
