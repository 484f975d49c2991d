import { readFile } from 'node:fs/promises';
import { describeError, InputError, MissingError } from '../../base/index.ts';

/** The value in a file that an option of `goshawk run` names. `code`: of both errors; `holds`: what is to be in it. */
export async function readJsonFile(path: string, code: string, holds: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new MissingError(code, `${path} can't be read: ${describeError(error)}.`, 'Check the path.');
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(code, `${path} is no JSON: ${describeError(error)}.`, holds);
  }
}
