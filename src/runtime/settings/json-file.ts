import { readFile } from 'node:fs/promises';
import { describeError, InputError, MissingError } from '../../base/index.ts';

/** The value in a file that an option of `goshawk run` names. `holds`: what is to be in it. */
export async function readJsonFile(path: string, holds: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new MissingError('json-file', `${path} can't be read: ${describeError(error)}.`, 'Check the path.');
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError('json-file', `${path} is no JSON: ${describeError(error)}.`, holds);
  }
}
