import { readFile } from 'node:fs/promises';
import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { asGoshawkError, describeError, InputError, MissingError } from '../../base/index.ts';

/** Defaults filled in, then checked; the first thing that does not fit is named with its path. */
export function checkSettings<Schema extends TSchema>(
  schema: Schema,
  value: unknown,
  where: string,
): Static<Schema> {
  const filled = Value.Default(schema, structuredClone(value));
  const problem = Value.Errors(schema, filled).First();
  if (problem === undefined) return filled as Static<Schema>;
  const path = problem.path === '' ? 'the file' : problem.path.slice(1).replaceAll('/', '.');
  throw new InputError(
    'settings-invalid',
    `${where}: ${path}: ${problem.message} (found ${JSON.stringify(problem.value) ?? 'nothing'}).`,
    'The settings are described in docs/settings.md.',
  );
}

/** A JSON file of settings. */
export async function readSettings<Schema extends TSchema>(
  schema: Schema,
  path: string,
): Promise<Static<Schema>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new MissingError(
      'settings-missing',
      `${path} can't be read: ${describeError(error)}.`,
      'Check --config.',
      {
        cause: error,
      },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(
      'settings-invalid',
      `${path} is not JSON: ${describeError(error)}.`,
      'Mend the file.',
      {
        cause: error,
      },
    );
  }
  return checkSettings(schema, value, path);
}

/** A secret from its own file, without the line end an editor adds. */
export async function readSecret(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw asGoshawkError(error, 'secret-missing', `Create ${path}, readable by this user alone (mode 0600).`);
  }
}
