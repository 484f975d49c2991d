import { readFile } from 'node:fs/promises';
import { explainFileError } from './file-error.ts';

/**
 * A file that a person named. `what` says what is tried (`read the settings`), `missing` what to do where there is no such
 * file. Errors of `explainFileError`.
 */
export async function readNamedFile(path: string, what: string, missing?: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw explainFileError(error, what, path, missing);
  }
}
