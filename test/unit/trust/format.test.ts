import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/base/index.ts';
import { matchesPath } from '../../../src/trust/client/delegations.ts';
import {
  canonicalText,
  openSignedPayload,
  parseAnchor,
  parseEnvelope,
  parseRepositoryFile,
  parseSignedPayload,
  parseTimeMs,
  timeText,
} from '../../../src/trust/index.ts';

describe('Times of metadata', () => {
  it('are those of the calendar, both ways', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        const text = new Date(seconds * 1000).toISOString().replace('.000', '');
        expect(timeText(seconds * 1000)).toBe(text);
        expect(parseTimeMs(text)).toBe(seconds * 1000);
      }),
    );
  });

  it.each([
    '',
    'now',
    '2030-13-01T00:00:00Z',
    '2030-01-01T25:00:00Z',
    '2030-01-01 00:00:00',
    '2030-01-01T00:00:00+02:00',
  ])('are not %j', (text) => {
    expect(parseTimeMs(text)).toBeUndefined();
  });
});

describe('Canonical text', () => {
  it('sorts keys, and escapes nothing but quotes and backslashes', () => {
    expect(canonicalText({ b: [1, true, null], a: 'x"\\\n' })).toBe('{"a":"x\\"\\\\\n","b":[1,true,null]}');
  });

  it.each([1.5, Number.NaN, 2 ** 60, undefined])('has no form for %s', (value) => {
    expect(() => canonicalText([value])).toThrow(expect.objectContaining({ code: 'trust-form' }));
  });
});

describe('Paths of delegations', () => {
  const rows = [
    ['street/*', 'street/1.0.0', true],
    ['*', 'street/1.0.0', false],
    ['s?reet/1.*.0', 'street/1.22.0', true],
    ['street/*', 'Street/1', false],
    ['a*b*c', 'abbbc', true],
    ['a*b*c', 'abbb', false],
  ] as const;
  it.each(rows)('%s, %s: %s', (pattern, path, fits) => {
    expect(matchesPath(pattern, path)).toBe(fits);
  });

  it('take no time that grows with the power of the stars', () => {
    expect(matchesPath(`${'*a'.repeat(60)}b`, 'a'.repeat(2000))).toBe(false);
  });
});

describe('Bytes from outside', () => {
  const readers = { parseEnvelope, parseAnchor, parseRepositoryFile } as Record<
    string,
    (bytes: Uint8Array, what: string) => unknown
  >;
  it.each(Object.entries(readers))(
    '%s refuses whatever does not fit, and throws nothing else',
    (_name, read) => {
      fc.assert(
        fc.property(
          fc.oneof(
            fc.uint8Array(),
            fc.json().map((text) => new TextEncoder().encode(text)),
          ),
          (bytes) => {
            try {
              read(bytes, 'It');
            } catch (error) {
              expect((error as { code?: string }).code).toBe('trust-form');
            }
          },
        ),
      );
    },
  );

  it('are no envelope, or one that says what is wrong with it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          const envelope = parseSignedPayload(new TextEncoder().encode(text));
          if (envelope !== undefined)
            expect(() =>
              openSignedPayload(envelope, 'x', { keyIds: [], threshold: 1 }, new Map(), {} as never),
            ).toThrow();
        } catch (error) {
          expect((error as { code?: string }).code).toBe('trust-form');
        }
      }),
    );
  });

  it('are hex both ways', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
      }),
    );
    expect(fromHex('abc')).toBeUndefined();
  });
});
