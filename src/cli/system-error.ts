import { GoshawkError } from '../base/index.ts';
import { explainFileError } from '../platform/index.ts';

const tried: Readonly<Record<string, string>> = {
  open: 'open the file',
  read: 'read the file',
  write: 'write the file',
  mkdir: 'create the folder',
  scandir: 'list the folder',
  rename: 'rename the file',
  unlink: 'remove the file',
  copyfile: 'copy the file',
};

/** An error of the file system in words, whatever threw it; others as they are. */
export function explainSystemError(error: unknown): unknown {
  if (error instanceof GoshawkError || !(error instanceof Error)) return error;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined || path === undefined) return error;
  return explainFileError(error, tried[syscall] ?? 'use the file', path);
}
