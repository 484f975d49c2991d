import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/base/index.ts';

describe('Canonical JSON', () => {
  it('sorts keys at every depth, keeps the order of arrays and leaves out what is undefined', () => {
    expect(canonicalJson({ b: [{ d: 1, c: undefined }, null], a: 'x' })).toBe('{"a":"x","b":[{"d":1},null]}');
    expect(canonicalJson(undefined)).toBe('null');
  });

  it('is the same text for equal values, and reads back as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});
