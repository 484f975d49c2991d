import type { TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { Value } from '@sinclair/typebox/value';
import type { FastifySchemaCompiler } from 'fastify';
import { expectation } from '../../api/index.ts';
import { InputError } from '../../base/index.ts';

/** Bodies must fit as they are; what comes in an address is text and is read as the number or boolean that is wanted. */
export const typeboxValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = TypeCompiler.Compile(schema);
  const fromAddress = httpPart !== 'body';
  return (data: unknown) => {
    const value = fromAddress ? Value.Convert(schema, Value.Clone(data)) : data;
    if (check.Check(value)) return { value };
    const wrong = check.Errors(value).First();
    const where = `${httpPart ?? 'request'}${wrong?.path ?? ''}`;
    const why = wrong === undefined ? 'it does not fit the schema' : expectation(wrong);
    return {
      error: new InputError(
        'request-invalid',
        `The request does not fit: ${where.slice(0, 200)}: ${why.slice(0, 200)}.`,
        'GET /api/v1/openapi.json describes every request.',
      ),
    };
  };
};
