import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as base from '../../../src/base/index.ts';
import { GoshawkError, LimitError } from '../../../src/base/index.ts';
import { packError, unpackError } from '../../../src/platform/index.ts';

type Kind = new (code: string, message: string, remedy: string) => GoshawkError;

/** Every class that base has, so that a new one is not forgotten. */
const kinds = Object.values(base).filter(
  (value): value is typeof GoshawkError =>
    typeof value === 'function' && (value === GoshawkError || value.prototype instanceof GoshawkError),
);
const made = kinds.filter((kind) => kind.name !== 'CancelledError') as readonly Kind[];

const anyError = fc.oneof(
  fc
    .tuple(fc.constantFrom(...made), fc.string(), fc.string(), fc.string())
    .map(([kind, code, message, remedy]) => new kind(code, message, remedy)),
  fc
    .tuple(fc.string(), fc.nat())
    .map(([code, laterMs]) => new base.BusyError(code, 'It is busy.', 'Wait.', laterMs)),
  fc.string().map((what) => new base.CancelledError(what)),
);

describe('An error that crosses', () => {
  it('knows every class of base', () => {
    expect(kinds.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['GoshawkError', 'CancelledError', 'InputError', 'InternalError']),
    );
    expect(kinds.length).toBeGreaterThanOrEqual(7);
  });

  it.each([
    ['threads', <Value>(value: Value) => structuredClone(value)],
    ['processes', <Value>(value: Value) => JSON.parse(JSON.stringify(value)) as Value],
  ])('%s is the same in class, name, code, message and remedy', (_, cross) => {
    fc.assert(
      fc.property(anyError, (error) => {
        const { name, code, message, remedy } = error;
        const arrived = unpackError(cross(packError(error)));
        expect(arrived.constructor).toBe(error.constructor);
        expect(arrived).toMatchObject({ name, code, message, remedy });
        expect((arrived as base.BusyError).retryAfterMs).toBe((error as base.BusyError).retryAfterMs);
      }),
    );
  });

  it('of a class of its own arrives as the nearest one of base', () => {
    class TooHighError extends LimitError {}
    const arrived = unpackError(packError(new TooHighError('too-high', 'Too high.', 'Go down.')));
    expect(arrived.constructor).toBe(LimitError);
    expect(arrived.code).toBe('too-high');
  });
});
