import type { TSchema } from '@sinclair/typebox';
import type { ValueError } from '@sinclair/typebox/value';
import { patternWords } from './pattern-words.ts';

/** What a value had to be, in words: `must be one of viewer, operator, admin`. No pattern is shown. */
export function expectation({ schema, message }: ValueError): string {
  const alternatives = schema.anyOf as TSchema[] | undefined;
  if (alternatives?.every((one) => one.const !== undefined) === true)
    return `must be one of ${alternatives.map((one) => String(one.const)).join(', ')}`;
  if (typeof schema.pattern === 'string') return patternWords(schema.pattern);
  return message
    .replace(/^Expected array length to be less or equal to /, 'must have at most ')
    .replace(/^Expected array length to be greater or equal to /, 'must have at least ')
    .replace(/^Expected (string|number|integer|array|object) to /, 'must ')
    .replace(/^Expected /, 'must be ');
}
