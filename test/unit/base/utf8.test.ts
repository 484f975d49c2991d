import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, decodeUtf8Lossy, encodeUtf8 } from '../../../src/base/index.ts';

describe('UTF-8', () => {
  it('gives the text back, and agrees with Node', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const bytes = encodeUtf8(text);
        expect([...bytes]).toEqual([...Buffer.from(text)]);
        expect([decodeUtf8(bytes), decodeUtf8Lossy(bytes)]).toEqual([text, text]);
      }),
    );
  });

  it('is refused where it is none, or read with the replacement character', () => {
    const latin1 = Uint8Array.of(0x66, 0xfc, 0x72);
    expect(() => decodeUtf8(latin1)).toThrow(TypeError);
    expect(decodeUtf8Lossy(latin1)).toBe('f\ufffdr');
  });
});
