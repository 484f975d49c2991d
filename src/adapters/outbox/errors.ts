import { GoshawkError, LimitError, RefusedError } from '../../base/index.ts';

/** Primary result codes of SQLite that we tell apart (https://www.sqlite.org/rescode.html). */
const sqlite = {
  busy: 5,
  readonly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  notADatabase: 26,
} as const;

function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** The file itself is broken; trying again does not help, a new file does. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return code === sqlite.corrupt || code === sqlite.notADatabase;
}

/** Any failure of the store in words a person can act on. */
export function storeError(error: unknown, where: string): GoshawkError {
  if (error instanceof GoshawkError) return error;
  const cause = { cause: error };
  const reason = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  const system = (error as { code?: unknown } | undefined)?.code;
  if (code === sqlite.busy)
    return new RefusedError(
      'outbox-busy',
      `Another program uses the outbox in ${where}.`,
      'Stop the other agent, or give this one its own data folder.',
      cause,
    );
  if (code === sqlite.full || system === 'ENOSPC')
    return new LimitError(
      'outbox-disk',
      `The disk is full: the outbox in ${where} can't grow.`,
      'Make room on that disk; until then entries are kept in memory and sent while there is a connection.',
      cause,
    );
  if (isDamage(error))
    return new LimitError(
      'outbox-disk',
      `The outbox in ${where} is damaged: ${reason}.`,
      'Start the agent again: it moves the damaged file aside. Check the disk.',
      cause,
    );
  const readonly =
    code === sqlite.readonly || code === sqlite.cantOpen || system === 'EACCES' || system === 'EROFS';
  return new LimitError(
    'outbox-disk',
    `The outbox in ${where} can't be written: ${reason}.`,
    readonly ? 'Give the agent write access to its data folder.' : 'Check the disk of the data folder.',
    cause,
  );
}
