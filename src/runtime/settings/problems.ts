import type { TSchema } from '@sinclair/typebox';
import { Value, type ValueError, ValueErrorType } from '@sinclair/typebox/value';
import { expectation, patternWords } from '../../api/index.ts';
import { nearestName } from './nearest-name.ts';
import { serverProblems } from './server-problems.ts';

/** One mistake in the settings. */
export interface Problem {
  /** As `cameras.front.fps`; '' is the whole. */
  readonly path: string;
  readonly what: string;
  /** Absent where showing it says nothing, or may show a secret. */
  readonly found?: string;
}

/** Everything that does not fit, in the order of the schema. At most one mistake for each path. */
export function settingsProblems(schema: TSchema, value: unknown): Problem[] {
  const byPath = new Map<string, Problem>();
  for (const error of Value.Errors(schema, value)) {
    const problem = problemOf(schema, error);
    if (!byPath.has(problem.path)) byPath.set(problem.path, problem);
  }
  for (const problem of [...missingWithout(schema, value), ...halfPairs(value), ...serverProblems(value)]) {
    if (!byPath.has(problem.path)) byPath.set(problem.path, problem);
  }
  return [...byPath.values()];
}

export function describeProblem({ path, what, found }: Problem): string {
  const place = path === '' ? 'the file' : path;
  return found === undefined ? `${place}: ${what}` : `${place}: ${what}: found ${found}`;
}

function problemOf(root: TSchema, error: ValueError): Problem {
  const keys = keysOf(error.path);
  const path = keys.join('.');
  if (error.type === ValueErrorType.ObjectAdditionalProperties) {
    // Its value is not shown: a secret that was put into the settings by mistake must not get into a log.
    return { path, what: unknownKey(root, keys, error.schema) };
  }
  if (error.value === undefined) return { path, what: 'is required' };
  return { path, what: expectation(error), found: shown(error.value) };
}

function unknownKey(root: TSchema, keys: readonly string[], parent: TSchema): string {
  const [pattern] = Object.keys((parent.patternProperties as object | undefined) ?? {});
  if (pattern !== undefined) return `cannot be used as a name: it ${patternWords(pattern)}`;
  const key = keys.at(-1) ?? '';
  const nearest = nearestName(key, Object.keys((parent.properties as object | undefined) ?? {}));
  if (nearest !== undefined) return `is unknown, did you mean ${nearest}?`;
  const elsewhere = Object.keys((root.properties as object | undefined) ?? {}).includes(key);
  return elsewhere ? `is unknown here, ${key} belongs to the top` : 'is unknown';
}

function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/** `requiredWithout` of a schema: what has to be given unless something else is, by the name of that. */
function missingWithout(schema: TSchema, value: unknown): Problem[] {
  const needed = (schema.requiredWithout ?? {}) as Readonly<Record<string, readonly string[]>>;
  const given = (typeof value === 'object' && value !== null ? value : {}) as Readonly<
    Record<string, unknown>
  >;
  return Object.entries(needed).flatMap(([other, names]) =>
    given[other] !== undefined
      ? []
      : names
          .filter((name) => given[name] === undefined)
          .map((path) => ({ path, what: `is required where there is no ${other}` })),
  );
}

/** A certificate without its key, or a key without its certificate, serves nothing. */
function halfPairs(value: unknown, path = ''): Problem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const entries = value as Readonly<Record<string, unknown>>;
  const at = (key: string) => (path === '' ? key : `${path}.${key}`);
  const inner = Object.entries(entries).flatMap(([key, one]) => halfPairs(one, at(key)));
  const half = (given: string, missing: string): Problem[] =>
    entries[given] !== undefined && entries[missing] === undefined
      ? [{ path: at(missing), what: `is required, because ${given} is given` }]
      : [];
  return [...half('certFile', 'keyFile'), ...half('keyFile', 'certFile'), ...inner];
}
