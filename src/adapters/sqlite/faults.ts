import { GoshawkError, InternalError, LimitError, MissingError, RefusedError } from '../../base/index.ts';

/** Primary result codes of SQLite: https://www.sqlite.org/rescode.html */
const codes = {
  permission: 3,
  busy: 5,
  locked: 6,
  readonly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  notADatabase: 26,
} as const;

/** Some calls of the binding give the text without the number: sqlite3_errstr, word for word. */
const texts = new Map<string, number>([
  ['database is locked', codes.busy],
  ['database table is locked', codes.locked],
  ['attempt to write a readonly database', codes.readonly],
  ['disk I/O error', codes.io],
  ['database disk image is malformed', codes.corrupt],
  ['database or disk is full', codes.full],
  ['unable to open database file', codes.cantOpen],
  ['file is not a database', codes.notADatabase],
]);

/** What SQLite said, in words that lead somewhere. */
export function explainSqlite(error: unknown, file: string): GoshawkError {
  if (error instanceof GoshawkError) return error;
  const options = { cause: error };
  const said = error instanceof Error ? error.message : String(error);
  const number =
    typeof error === 'object' && error !== null && 'errcode' in error
      ? Number(error.errcode) & 255
      : texts.get(said);
  switch (number) {
    case codes.full:
      return new LimitError(
        'database-full',
        `The disk that holds the database ${file} is full.`,
        'Free space or shorten the retention. Devices keep their data until the controller takes it again.',
        options,
      );
    case codes.busy:
    case codes.locked:
      return new RefusedError(
        'database-locked',
        `Another program holds the database ${file}.`,
        'Look for a second controller or an open sqlite3 shell on the same file and end it.',
        options,
      );
    case codes.corrupt:
    case codes.notADatabase:
      return new GoshawkError(
        'database-corrupt',
        `The database ${file} is damaged: ${said}.`,
        'Stop the controller, keep a copy of the file, and restore a backup or move the file away to begin anew; devices register again by themselves.',
        options,
      );
    case codes.readonly:
    case codes.permission:
      return new RefusedError(
        'database-readonly',
        `The database ${file} can't be written.`,
        'Give the user of the controller the right to write the file and its folder.',
        options,
      );
    case codes.cantOpen:
      return new MissingError(
        'database-unopenable',
        `The database ${file} can't be opened: ${said}.`,
        'Check that its folder exists and that the user of the controller may write there.',
        options,
      );
    case codes.io:
      return new GoshawkError(
        'database-io',
        `Reading or writing the database ${file} failed: ${said}.`,
        'Look at the disk (dmesg, smartctl) and whether the volume is still mounted.',
        options,
      );
    default:
      return error instanceof RangeError
        ? new GoshawkError(
            'database-corrupt',
            `The database ${file} holds a block that can't be read: ${said}`,
            'Restore a backup of the file, or move it away to begin anew.',
            options,
          )
        : new InternalError(
            'database-failed',
            `The database ${file} refused: ${said}.`,
            'Report this as a defect of Goshawk.',
            options,
          );
  }
}
