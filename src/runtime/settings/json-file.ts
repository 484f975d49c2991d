import { describeError, InputError } from '../../base/index.ts';
import { readNamedFile } from '../../platform/index.ts';

/** The value in a file that an option of `goshawk run` names. `holds`: what is to be in it. */
export async function readJsonFile(path: string, holds: string): Promise<unknown> {
  const text = String(await readNamedFile(path, 'read the file'));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError('json-file', `${path} is no JSON: ${describeError(error)}.`, holds);
  }
}
