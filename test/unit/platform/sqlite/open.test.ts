import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Database,
  type DatabaseOptions,
  inTransaction,
  openDatabase,
  sqliteFault,
} from '../../../../src/platform/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

function open(file: string, options?: DatabaseOptions): Database {
  const database = openDatabase(file, options);
  onTestFinished(() => {
    if (database.isOpen) database.close();
  });
  return database;
}

function faultOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return sqliteFault(error) ?? error;
  }
  return 'none';
}

/** A file with a table of so many rows, closed. */
function filled(folder: string, rows: number): string {
  const file = join(folder, 'filled.db');
  const database = open(file, { pragmas: { journal_mode: 'DELETE' } });
  database.exec('CREATE TABLE item (text TEXT NOT NULL UNIQUE)');
  const insert = database.prepare('INSERT INTO item VALUES (?)');
  for (let row = 0; row < rows; row++) insert.run(`${row} ${'x'.repeat(200)}`);
  database.close();
  return file;
}

describe('A database', () => {
  it('has the pragmas that it was opened with, those of its form too', () => {
    const database = open(join(temporaryFolder(), 'new.db'), {
      pragmas: { page_size: 8192, journal_mode: 'WAL', synchronous: 'FULL', cache_size: -1000 },
    });
    database.exec('CREATE TABLE item (text TEXT)');
    const value = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() as object)[0];
    expect(['page_size', 'journal_mode', 'synchronous', 'cache_size'].map(value)).toEqual([
      ...[8192, 'wal', 2, -1000],
    ]);
  });

  it('that somebody holds is busy, and free when he has closed it', () => {
    const file = join(temporaryFolder(), 'held.db');
    const exclusive = { pragmas: { locking_mode: 'EXCLUSIVE', journal_mode: 'WAL' } };
    const first = open(file, exclusive);
    first.exec('CREATE TABLE item (text TEXT)');
    expect(faultOf(() => open(file, exclusive))).toBe('busy');
    first.close();
    expect(faultOf(() => open(file, exclusive))).toBe('none');
  });

  it('that is none is corrupt, and one without a folder can’t be opened', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'text.db'), 'this is not a database, '.repeat(100));
    expect(faultOf(() => open(join(folder, 'text.db'), { pragmas: { journal_mode: 'WAL' } }))).toBe(
      'corrupt',
    );
    expect(faultOf(() => open(join(folder, 'no', 'such', 'folder.db')))).toBe('unopenable');
  });

  it('that is damaged inside is found by the check alone', () => {
    const file = filled(temporaryFolder(), 500);
    const bytes = readFileSync(file);
    bytes.fill(0x5a, bytes.length - 3 * 4096);
    writeFileSync(file, bytes);
    expect(faultOf(() => open(file, { check: true }))).toBe('corrupt');
    expect(faultOf(() => open(file))).toBe('none');
  });

  it('that is opened for reading takes nothing', () => {
    const file = filled(temporaryFolder(), 1);
    const database = open(file, { readOnly: true });
    expect(faultOf(() => database.exec("INSERT INTO item VALUES ('new')"))).toBe('readonly');
  });

  it('that may not grow is full', () => {
    const database = open(filled(temporaryFolder(), 50), { pragmas: { max_page_count: 12 } });
    const insert = database.prepare('INSERT INTO item VALUES (?)');
    expect(faultOf(() => Array.from({ length: 500 }, (_, i) => insert.run('y'.repeat(500 + i))))).toBe(
      'full',
    );
  });

  it('whose statement is wrong has no fault', () => {
    const database = open(filled(temporaryFolder(), 1));
    expect(faultOf(() => database.exec('SELECT nonsense'))).toBeInstanceOf(Error);
  });
});

describe('A transaction', () => {
  it('is all or nothing, and gives what its work gave', () => {
    const database = open(filled(temporaryFolder(), 2));
    const count = () => (database.prepare('SELECT count(*) AS n FROM item').get() as { n: number }).n;
    expect(inTransaction(database, () => database.exec("INSERT INTO item VALUES ('a')") ?? 'done')).toBe(
      'done',
    );
    expect(count()).toBe(3);
    const failing = () =>
      inTransaction(database, () => {
        database.exec("INSERT INTO item VALUES ('b')");
        throw new Error('in the middle');
      });
    expect(failing).toThrow('in the middle');
    expect([count(), database.isTransaction]).toEqual([3, false]);
  });

  it('tells the first error where SQLite has rolled back by itself', () => {
    const said: string[] = [];
    const exec = (sql: string) => {
      said.push(sql);
      if (sql === 'ROLLBACK') throw new Error('no transaction is active');
    };
    const work = () => {
      throw new Error('disk full');
    };
    expect(() => inTransaction({ exec, isTransaction: true }, work)).toThrow('disk full');
    expect(said).toEqual(['BEGIN IMMEDIATE', 'ROLLBACK']);
  });
});

describe('A fault', () => {
  it.each([
    ['a code with its extension', Object.assign(new Error('x'), { errcode: 10 | (3 << 8) }), 'io'],
    ['the text alone', new Error('database is locked'), 'busy'],
    ['the system: full', Object.assign(new Error('x'), { code: 'ENOSPC' }), 'full'],
    ['the system: read-only', Object.assign(new Error('x'), { code: 'EROFS' }), 'readonly'],
    ['nothing that is known', new Error('x'), undefined],
    ['no error', 'x', undefined],
  ])('is known by %s', (_, error, fault) => {
    expect(sqliteFault(error)).toBe(fault);
  });
});
