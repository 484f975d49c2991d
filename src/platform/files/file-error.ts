import {
  describeError,
  GoshawkError,
  InputError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../base/index.ts';

/**
 * An error of node:fs in words. `what` says what was tried: `write the bundle`; `missing` what to do where the path does not
 * exist.
 */
export function explainFileError(
  error: unknown,
  what: string,
  path: string,
  missing = 'Check the path.',
): GoshawkError {
  if (error instanceof GoshawkError) return error;
  const cause = { cause: error };
  switch (systemCode(error)) {
    case 'ENOENT':
      return new MissingError('file-missing', `Can't ${what}: ${path} does not exist.`, missing, cause);
    case 'ENOTDIR':
      return new MissingError(
        'file-not-folder',
        `Can't ${what}: a part of ${path} is not a folder.`,
        missing,
        cause,
      );
    case 'EISDIR':
      return new InputError(
        'file-folder',
        `Can't ${what}: ${path} is a folder.`,
        'Name the file in it.',
        cause,
      );
    case 'EACCES':
    case 'EPERM':
      return new RefusedError(
        'file-permission',
        `Can't ${what}: no permission for ${path}.`,
        'Run as the user who owns it, or correct its permissions.',
        cause,
      );
    case 'EROFS':
      return new RefusedError(
        'file-read-only',
        `Can't ${what}: ${path} is on a read-only file system.`,
        'Name a folder that you may write to.',
        cause,
      );
    default:
      if (isDiskFull(error))
        return new LimitError(
          'disk-full',
          `Can't ${what}: no space left at ${path}.`,
          'Make room, then try again.',
          cause,
        );
      return new GoshawkError(
        'file-failed',
        `Can't ${what} at ${path}: ${describeError(error)}.`,
        'Check the disk, and who may write there.',
        cause,
      );
  }
}

/** `ENOENT` and the like. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** No space left, or none left to this user. */
export function isDiskFull(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}
