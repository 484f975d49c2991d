import { isDiskFull, systemCode } from '../files/file-error.ts';

/** What is wrong, as far as a person has to do something else about it. */
export type SqliteFault = 'busy' | 'full' | 'corrupt' | 'readonly' | 'unopenable' | 'io';

/** Primary result codes of SQLite: https://www.sqlite.org/rescode.html */
const byCode = new Map<number, SqliteFault>([
  [3, 'readonly'],
  [5, 'busy'],
  [6, 'busy'],
  [8, 'readonly'],
  [10, 'io'],
  [11, 'corrupt'],
  [13, 'full'],
  [14, 'unopenable'],
  [26, 'corrupt'],
]);

/** Some calls of the package give the text without the number: sqlite3_errstr, word for word. */
const byText = new Map<string, SqliteFault>([
  ['database is locked', 'busy'],
  ['database table is locked', 'busy'],
  ['attempt to write a readonly database', 'readonly'],
  ['disk I/O error', 'io'],
  ['database disk image is malformed', 'corrupt'],
  ['database or disk is full', 'full'],
  ['unable to open database file', 'unopenable'],
  ['file is not a database', 'corrupt'],
]);

/** The same for what the system says of the file's folder. */
const bySystemCode = new Map<string, SqliteFault>([
  ['EACCES', 'readonly'],
  ['EPERM', 'readonly'],
  ['EROFS', 'readonly'],
  ['EIO', 'io'],
]);

/** Undefined for what is no fault of the file: a wrong statement, a defect. */
export function sqliteFault(error: unknown): SqliteFault | undefined {
  if (error instanceof DamagedDatabase) return 'corrupt';
  if (isDiskFull(error)) return 'full';
  if (typeof error === 'object' && error !== null && 'errcode' in error)
    return byCode.get(Number(error.errcode) & 0xff);
  return bySystemCode.get(systemCode(error) ?? '') ?? byText.get(error instanceof Error ? error.message : '');
}

/** SQLite's own check found something. */
export class DamagedDatabase extends Error {}
