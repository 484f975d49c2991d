import type { TSchema } from '@sinclair/typebox';
import type { ValueError } from '@sinclair/typebox/value';
import { patternWords } from './pattern-words.ts';

/** What a value had to be, in words: `must be one of viewer, operator, admin`. No pattern is shown. */
export function expectation({ schema, message }: ValueError): string {
  const alternatives = schema.anyOf as TSchema[] | undefined;
  if (alternatives?.every((one) => one.const !== undefined) === true)
    return `must be one of ${alternatives.map((one) => String(one.const)).join(', ')}`;
  if (typeof schema.pattern === 'string') return patternWords(schema.pattern);
  const [, kind = '', bound = '', text = ''] =
    /^Expected (string length|array length|number|integer|object)(?: to (?:be|have))? (greater or equal to|less or equal to|at least|at most|no more than) (\S+)/.exec(
      message,
    ) ?? [];
  if (bound !== '') {
    const least = /greater|least/.test(bound) ? 'at least' : 'at most';
    const unit = units[kind];
    return unit === undefined
      ? `must be ${least} ${text}`
      : `must have ${least} ${text} ${unit[text === '1' ? 0 : 1]}`;
  }
  return message
    .replace(/^Expected (string|number|integer|array|object) to /, 'must ')
    .replace(/^Expected /, 'must be ');
}

const units: Readonly<Record<string, readonly [string, string]>> = {
  'string length': ['character', 'characters'],
  'array length': ['entry', 'entries'],
  object: ['entry', 'entries'],
};
