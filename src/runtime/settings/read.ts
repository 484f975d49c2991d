import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { PlacedYaml } from '../../adapters/yaml/index.ts';
import { InputError } from '../../base/index.ts';
import { readNamedFile } from '../../platform/index.ts';
import { type Environment, variableOfKeys, withEnvironment } from './environment.ts';
import { describeProblem, type Problem, settingsProblems } from './problems.ts';

const environmentAlone = 'environment';

/** Settings as they were given: from a file and the environment, without defaults and not yet checked. */
export interface GivenSettings {
  readonly value: unknown;
  /** Path of each setting that came from the environment, with the name of its variable. */
  readonly variables?: ReadonlyMap<string, string>;
  /** The file, for messages. */
  readonly where: string;
  /** `line:column` of a setting in the file. */
  readonly placeOf?: (path: string) => string | undefined;
}

/** Defaults filled in, then checked; everything that does not fit is named with its path. */
export function checkSettings<Schema extends TSchema>(
  schema: Schema,
  value: unknown,
  where: string,
): Static<Schema> {
  const { settings, problems } = examineSettings(schema, value);
  refuseProblems({ value, where }, problems);
  return settings as Static<Schema>;
}

/** The same without an end at the first mistake: `settings` are only as good as there are no problems. */
export function examineSettings(
  schema: TSchema,
  value: unknown,
): { readonly settings: unknown; readonly problems: readonly Problem[] } {
  const filled = Value.Default(schema, withoutSchemaName(structuredClone(value)));
  return { settings: filled, problems: settingsProblems(schema, filled) };
}

/** One message for all mistakes, one line each. */
export function refuseProblems(
  { where, variables, placeOf }: GivenSettings,
  problems: readonly Problem[],
  notes: readonly string[] = [],
): void {
  if (problems.length === 0) return;
  const lines = problems.map((problem) => {
    const variable = variableOf(problem.path, variables);
    const place = variable === undefined ? placeOf?.(problem.path) : undefined;
    const at = place === undefined ? where : `${where}:${place}`;
    return `${at}: ${describeProblem(problem)}${variable === undefined ? missing(where, problem) : ` (from ${variable})`}`;
  });
  throw new InputError(
    'settings-invalid',
    [...lines, ...notes].join('\n'),
    'docs/settings.md describes each setting.',
  );
}

/** Without a file, a setting is given by its variable. */
function missing(where: string, { path, found }: Problem): string {
  return where === environmentAlone && found === undefined && path !== ''
    ? ` (set ${variableOfKeys(path.split('.'))})`
    : '';
}

/** That gave a setting, or the list or section that it is in. */
function variableOf(path: string, variables: GivenSettings['variables']): string | undefined {
  const variable = variables?.get(path);
  const end = path.lastIndexOf('.');
  return variable !== undefined || end < 0 ? variable : variableOf(path.slice(0, end), variables);
}

/** A file of settings, YAML or JSON, checked, with what the environment says put over it; without a file the environment alone. */
export async function readSettings<Schema extends TSchema>(
  schema: Schema,
  path: string | undefined,
  env: Environment = process.env,
): Promise<Static<Schema>> {
  const given = await readGiven(schema, path, env);
  const { settings, problems } = examineSettings(schema, given.value);
  refuseProblems(given, problems);
  return settings as Static<Schema>;
}

export async function readGiven(
  schema: TSchema,
  path: string | undefined,
  env: Environment,
): Promise<GivenSettings> {
  if (path === undefined) return { where: environmentAlone, ...withEnvironment(schema, {}, env) };
  const text = String(await readNamedFile(path, 'read the settings', 'Check --config.'));
  const file = await placedYaml(path, text);
  return {
    where: path,
    placeOf: (setting) => file.placeOf(setting),
    ...withEnvironment(schema, file.value ?? {}, env),
  };
}

/** InputError `settings-invalid`, with line and column, for text that is neither YAML nor JSON. */
export async function placedYaml(path: string, text: string): Promise<PlacedYaml> {
  const { readPlacedYaml } = await import('../../adapters/yaml/index.ts');
  try {
    return readPlacedYaml(text, path);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError('settings-invalid', error.message, 'Correct the file there.', { cause: error });
  }
}

/** `$schema` is for editors and no setting. */
function withoutSchemaName(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { $schema: _name, ...settings } = value as Record<string, unknown>;
  return settings;
}

/** A secret from its own file, without the line end an editor adds. */
export async function readSecret(path: string): Promise<string> {
  const create = `Check the path, or create ${path}, readable by this user alone (mode 0600).`;
  const secret = String(await readNamedFile(path, 'read the secret', create)).replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw new InputError('secret-empty', `${path} is empty.`, 'Write the secret into it, on one line.');
}
