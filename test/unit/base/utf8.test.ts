import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, decodeUtf8Leniently, encodeUtf8 } from '../../../src/base/index.ts';

describe('Text as UTF-8', () => {
  it('comes back as the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeUtf8(encodeUtf8(text))).toBe(text);
        expect(decodeUtf8Leniently(encodeUtf8(text))).toBe(text);
      }),
    );
  });

  it('is refused where the bytes are not UTF-8, or read with the replacement character', () => {
    const latin1 = Uint8Array.of(0x6b, 0xe4, 0x66, 0x65, 0x72);
    expect(() => decodeUtf8(latin1)).toThrow(TypeError);
    expect(decodeUtf8Leniently(latin1)).toBe('k\u{fffd}fer');
  });
});
