import { describe, expect, it } from 'vitest';
import {
  BusyError,
  CancelledError,
  GoshawkError,
  InputError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../../src/base/index.ts';
import { requestFailure } from '../../../src/serving/index.ts';

describe('A request that fails', () => {
  it.each([
    [new InputError('a', 'Wrong.', 'Mend it.'), 400, 3],
    [new MissingError('a', 'Gone.', ''), 404, 5],
    [new RefusedError('a', 'No.', ''), 401, 16],
    [new LimitError('a', 'Too large.', ''), 413, 8],
    [new LimitError('inference-timeout', 'Late.', ''), 504, 4],
    [new BusyError('a', 'Full.', '', 1500), 503, 14],
    [new CancelledError('It'), 499, 1],
    [new GoshawkError('a', 'The engine: out of memory at 0x7f.', ''), 500, 13],
    [new TypeError('x is undefined'), 500, 13],
  ])('by %s has the status %i and the code %i', (error, status, code) => {
    expect(requestFailure(error)).toMatchObject({ status, code });
  });

  it('says when to come again, and nothing of what is inside', () => {
    expect(requestFailure(new BusyError('a', 'Full.', '', 1500)).retryAfterSeconds).toBe(2);
    expect(requestFailure(new TypeError('x is undefined')).message).not.toContain('undefined');
  });
});
