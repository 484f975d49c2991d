import { describe, expect, it } from 'vitest';
import { floatsFromHalf, halfBits } from '../../../src/base/index.ts';

describe('A half float', () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65520, 0x7c00],
    [1e9, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -26, 0x0000],
    [1 + 2 ** -11, 0x3c00], // half way, to even
    [1 + 3 * 2 ** -11, 0x3c02],
    [2047.9999, 0x6800],
  ])('writes %d as binary16', (value, bits) => {
    expect(halfBits(value)).toBe(bits);
  });

  it('keeps NaN a NaN', () => {
    const bits = halfBits(Number.NaN);
    expect(bits & 0x7c00).toBe(0x7c00);
    expect(bits & 0x3ff).not.toBe(0);
  });

  it('goes back to the nearest of all finite halves', () => {
    for (let bits = 0; bits < 0x7c00; bits++) {
      const exponent = bits >> 10;
      const mantissa = bits & 0x3ff;
      const value = exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15);
      if (halfBits(value) !== bits) expect(halfBits(value)).toBe(bits);
    }
  });

  it('is read as it was written: all finite ones, zero of either sign, infinity and NaN', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
    const floats = floatsFromHalf(all);
    const back = Uint16Array.from(floats, halfBits);
    const isNaNBits = (bits: number) => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
    const wrong = [...all].filter((bits) =>
      isNaNBits(bits) ? !Number.isNaN(floats[bits]) : back[bits] !== bits,
    );
    expect(wrong).toEqual([]);
    expect([...floatsFromHalf(Uint16Array.of(0x3c00, 0xc000, 0x7c00, 0x0001))]).toEqual([
      ...[1, -2, Number.POSITIVE_INFINITY, 2 ** -24],
    ]);
  });
});
