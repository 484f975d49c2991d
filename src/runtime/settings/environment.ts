import { Kind, type TSchema } from '@sinclair/typebox';
import { describeError, InputError } from '../../base/index.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings with what the environment says put over them. The name of a variable is the path of the setting:
 * `broker.caFile` is GOSHAWK_BROKER_CA_FILE, and `cameras.front-left.fps`, of a camera that the file names,
 * GOSHAWK_CAMERAS_FRONT_LEFT_FPS. Text stands as it is, everything else as JSON; an empty variable is not set.
 * A section can be given as a whole, as JSON; a variable of one setting in it goes before that.
 */
export function withEnvironment(
  schema: TSchema,
  value: unknown,
  env: Environment,
): { readonly value: unknown; readonly variables: ReadonlyMap<string, string> } {
  const variables = new Map<string, string>();
  const overlaid = overlay(schema, structuredClone(value), [], { env, variables });
  return { value: overlaid, variables };
}

/** The environment has a setting of this schema. */
export function givesSettings(schema: TSchema, env: Environment): boolean {
  return withEnvironment(schema, {}, env).variables.size > 0;
}

/** `['broker', 'caFile']` is GOSHAWK_BROKER_CA_FILE. */
export function variableOfKeys(keys: readonly string[]): string {
  return ['GOSHAWK', ...keys.map(upperSnake)].join('_');
}

/**
 * The names of all variables that a schema knows: `names` in full, with the entries that `value` has; `open` are beginnings
 * that any entry of a record may follow.
 */
export function variablesOf(
  schema: TSchema,
  value: unknown,
  keys: readonly string[] = [],
): { readonly names: string[]; readonly open: string[] } {
  const inner = innerSchemas(schema, value).map(([key, one]) =>
    variablesOf(one, isObject(value) ? value[key] : undefined, [...keys, key]),
  );
  const own = keys.length === 0 ? [] : [variableOfKeys(keys)];
  return {
    names: [...own, ...inner.flatMap(({ names }) => names)],
    open: [
      ...(schema[Kind] === 'Record' ? own.map((name) => `${name}_`) : []),
      ...inner.flatMap(({ open }) => open),
    ],
  };
}

interface Overlay {
  readonly env: Environment;
  /** Path of each setting that came from the environment, with the name of its variable. */
  readonly variables: Map<string, string>;
}

function overlay(schema: TSchema, value: unknown, keys: readonly string[], to: Overlay): unknown {
  const given = keys.length === 0 ? undefined : to.env[variableOfKeys(keys)];
  let result = value;
  if (given !== undefined && given !== '') {
    to.variables.set(keys.join('.'), variableOfKeys(keys));
    result = parse(schema, given, variableOfKeys(keys));
  }
  const inner = innerSchemas(schema, result);
  if (inner.length === 0 || (result !== undefined && !isObject(result))) return result;
  const before = isObject(result) ? result : {};
  const entries = inner.flatMap(([key, one]) => {
    const next = overlay(one, before[key], [...keys, key], to);
    return next === undefined ? [] : [[key, next] as const];
  });
  // A section that nobody gives must not come into being.
  return entries.length === 0 && result === undefined
    ? undefined
    : { ...before, ...Object.fromEntries(entries) };
}

function innerSchemas(schema: TSchema, value: unknown): (readonly [string, TSchema])[] {
  if (schema[Kind] === 'Object') return Object.entries(schema.properties as Record<string, TSchema>);
  const [inner] = Object.values((schema.patternProperties as Record<string, TSchema> | undefined) ?? {});
  if (schema[Kind] !== 'Record' || inner === undefined || !isObject(value)) return [];
  return Object.keys(value).map((name) => [name, inner] as const);
}

/**
 * What is not JSON stays text where that can be meant, and is refused by the schema where it can't. InputError
 * `settings-invalid` for a list or a section that is not JSON.
 */
function parse(schema: TSchema, text: string, variable: string): unknown {
  const alternatives = schema.anyOf as TSchema[] | undefined;
  if (schema.type === 'string' || alternatives?.every((one) => one.type === 'string') === true) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (schema.type !== 'object' && schema.type !== 'array') return text;
    throw new InputError(
      'settings-invalid',
      `${variable} is not valid JSON: ${placeIn(text, describeError(error))}.`,
      `Write it as JSON, for example ${schema.type === 'array' ? `GOSHAWK_GROUPS='["trucks"]'` : `GOSHAWK_CAMERAS='{"front": {"source": "sim"}}'`}, or give the settings in a file.`,
      { cause: error },
    );
  }
}

/** The place is the end where the text ends too early. */
function placeIn(text: string, said: string): string {
  const at = /position (\d+)/.exec(said)?.[1] ?? String(text.length);
  const words = said.replace(/(?: in JSON)? at position .*$/, '').replace(/, ".*$/s, '');
  return `${words} at character ${Number(at) + 1} of ${text.length}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function upperSnake(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}
