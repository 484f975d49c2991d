import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../../src/base/index.ts';

describe('Base64', () => {
  it('gives the bytes back, with padding and without, and agrees with the RFC', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const text = toBase64(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(text)).toEqual(Uint8Array.from(bytes));
        expect(fromBase64(text.replaceAll('=', ''))).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it('of text that is none gives bytes of some kind, and does not throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fromBase64(text).length).toBeLessThanOrEqual((text.length * 3) / 4);
      }),
    );
  });
});
