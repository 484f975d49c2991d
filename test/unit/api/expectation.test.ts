import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { expectation } from '../../../src/api/index.ts';

describe('What a value had to be, in words', () => {
  it.each([
    [Type.Number({ maximum: 5 }), 6, 'must be at most 5'],
    [Type.Integer({ minimum: 1 }), 0, 'must be at least 1'],
    [Type.Record(Type.String(), Type.Number(), { minProperties: 1 }), {}, 'must have at least 1 entry'],
    [
      Type.Record(Type.String(), Type.Number(), { maxProperties: 0 }),
      { a: 1 },
      'must have at most 0 entries',
    ],
    [Type.Array(Type.Number(), { minItems: 2 }), [1], 'must have at least 2 entries'],
    [Type.String({ maxLength: 1 }), 'ab', 'must have at most 1 character'],
    [Type.Number(), 'x', 'must be number'],
    [Type.Union([Type.Literal('a'), Type.Literal('b')]), 'c', 'must be one of a, b'],
  ])('%#', (schema, value, words) => {
    const [error] = [...Value.Errors(schema, value)];
    expect(error && expectation(error)).toBe(words);
  });
});
