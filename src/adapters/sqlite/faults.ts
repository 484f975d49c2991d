import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  describeError,
  GoshawkError,
  InternalError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../base/index.ts';
import { sqliteFault } from '../../platform/index.ts';

/** Less than its files beside the database need to grow by; SQLite calls that an I/O error when it maps one of them. */
const leastRoomBytes = 64 * 1024;

function hasNoRoom(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize < leastRoomBytes;
  } catch {
    return false;
  }
}

/** What SQLite said, in words that lead somewhere. */
export function explainSqlite(error: unknown, file: string): GoshawkError {
  if (error instanceof GoshawkError) return error;
  const options = { cause: error };
  const said = describeError(error);
  const fault = sqliteFault(error);
  switch (fault === 'io' && hasNoRoom(file) ? 'full' : fault) {
    case 'full':
      return new LimitError(
        'database-full',
        `The disk that holds the database ${file} is full.`,
        'Free space or shorten the retention. Devices keep their data until the controller takes it again.',
        options,
      );
    case 'busy':
      return new RefusedError(
        'database-locked',
        `Another program holds the database ${file}.`,
        'Look for a second controller or an open sqlite3 shell on the same file and end it.',
        options,
      );
    case 'corrupt':
      return new GoshawkError(
        'database-corrupt',
        `The database ${file} is damaged: ${said}.`,
        'Stop the controller, copy the file, and restore a backup or move the file away to start empty. Devices register again automatically.',
        options,
      );
    case 'readonly':
      return new RefusedError(
        'database-readonly',
        `The database ${file} can't be written.`,
        'Give the user of the controller the right to write the file and its folder.',
        options,
      );
    case 'unopenable':
      return new MissingError(
        'database-unopenable',
        `The database ${file} can't be opened: ${said}.`,
        'Check that its folder exists and that the user of the controller may write there.',
        options,
      );
    case 'io':
      return new GoshawkError(
        'database-io',
        `Reading or writing the database ${file} failed: ${said}.`,
        'Check the disk (dmesg, smartctl) and that the volume is still mounted.',
        options,
      );
    default:
      return error instanceof RangeError
        ? new GoshawkError(
            'database-corrupt',
            `The database ${file} holds a block that can't be read: ${said}`,
            'Restore a backup of the file, or move it away to start empty.',
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
