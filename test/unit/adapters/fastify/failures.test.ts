import { describe, expect, it } from 'vitest';
import { statusOf, toGoshawkError } from '../../../../src/adapters/fastify/failures.ts';
import {
  CancelledError,
  GoshawkError,
  InputError,
  InternalError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../../../src/base/index.ts';

describe('The status of an error', () => {
  it.each([
    [new InputError('x', 'm', 'r'), 400],
    [new MissingError('x', 'm', 'r'), 404],
    [new RefusedError('x', 'm', 'r'), 409],
    [new LimitError('x', 'm', 'r'), 413],
    [new InternalError('x', 'm', 'r'), 500],
    [new GoshawkError('x', 'm', 'r'), 500],
    [new CancelledError('It'), 500],
    // The code says more than the class.
    [new RefusedError('token-refused', 'm', 'r'), 401],
    [new RefusedError('forbidden', 'm', 'r'), 403],
    [new LimitError('too-many-attempts', 'm', 'r'), 429],
    [new InputError('frame-unknown', 'm', 'r'), 404],
    [new LimitError('range-too-wide', 'm', 'r'), 422],
    [new MissingError('device-silent', 'm', 'r'), 504],
    [new MissingError('device-offline', 'm', 'r'), 504],
    // What is wrong with the database is never the caller's fault.
    [new RefusedError('database-locked', 'm', 'r'), 503],
    [new InputError('database-something-new', 'm', 'r'), 503],
    [new LimitError('database-full', 'm', 'r'), 507],
  ])('%o has %i', (error, status) => {
    expect(statusOf(error)).toBe(status);
    expect(toGoshawkError(error)).toEqual({ status, error });
  });
});

describe('What is no error of ours', () => {
  const foreign = (message: string, statusCode?: number) =>
    Object.assign(new Error(message), statusCode === undefined ? {} : { statusCode });

  it.each([
    [foreign('Unexpected token', 400), 400, 'request-invalid'],
    [foreign('Unsupported media type', 415), 415, 'request-invalid'],
    [foreign('Body is too large', 413), 413, 'body-too-large'],
    [foreign('boom'), 500, 'internal'],
    [foreign('gateway', 502), 500, 'internal'],
    [foreign('moved', 302), 500, 'internal'],
    ['a string', 500, 'internal'],
    [null, 500, 'internal'],
    [{ statusCode: 'soon' }, 500, 'internal'],
  ])('%o becomes %i %s, with a remedy', (thrown, status, code) => {
    const answer = toGoshawkError(thrown);
    expect([answer.status, answer.error.code]).toEqual([status, code]);
    expect(answer.error.remedy).not.toBe('');
  });
});
