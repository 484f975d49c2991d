import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import { checkCompressedDepth } from '../../../../src/ros2/index.ts';
import { greyPng } from '../../../fixtures/grey-png.ts';

const header = { stampNs: 1n, frameId: 'depth' };

/** Format 0 and two parameters, then the PNG. */
function depth(png: Uint8Array, [a, b] = [0, 0]): Uint8Array {
  const data = new Uint8Array(12 + png.length);
  new DataView(data.buffer).setFloat32(4, a ?? 0, true);
  new DataView(data.buffer).setFloat32(8, b ?? 0, true);
  data.set(png, 12);
  return data;
}

const png = greyPng(3, 2, [1, 2, 3, 4, 5, 6]);
const huge = Uint8Array.from(png);
new DataView(huge.buffer).setUint32(16, 16_385);
const colourful = Uint8Array.from(png);
colourful[25] = 2;
const wide = Uint8Array.from(png);
new DataView(wide.buffer).setUint32(16, 16_000);
new DataView(wide.buffer).setUint32(20, 16_000);

/** Says that it is so large. */
function saying(width: number, height: number): Uint8Array {
  const bytes = Uint8Array.from(png);
  new DataView(bytes.buffer).setUint32(16, width);
  new DataView(bytes.buffer).setUint32(20, height);
  return bytes;
}

describe('A compressed depth picture', () => {
  it.each([
    ['16UC1; compressedDepth png', 'mm'],
    ['16UC1; compressedDepth', 'mm'],
    ['16UC1', 'mm'],
    ['mono16;compressedDepth png', 'mm'],
    ['32FC1; compressedDepth png', { a: 10_100, b: -1009 }],
  ])('of the format %s is a PNG behind twelve bytes', (format, unit) => {
    const checked = checkCompressedDepth({ header, format, data: depth(png, [10_100, -1009]) });
    expect(checked).toEqual({ png, width: 3, height: 2, unit });
  });

  it('may have 64 MiB', () => {
    const data = depth(saying(8192, 4096));
    expect(checkCompressedDepth({ header, format: '16UC1', data })).toMatchObject({ height: 4096 });
  });

  it.each<[string, string, Uint8Array, RegExp]>([
    [
      'in RVL',
      '16UC1; compressedDepth rvl',
      depth(png),
      /"16UC1; compressedDepth rvl" is not read.*format png/,
    ],
    ['in JPEG', 'bgr8; jpeg compressed bgr8', depth(png), /is not read/],
    ['of colours', 'rgb8; compressedDepth png', depth(png), /is not read/],
    ['without a picture', '16UC1', new Uint8Array(12), /has 12 bytes/],
    ['that is no PNG', '16UC1', depth(new Uint8Array(99)), /holds no PNG/],
    ['of 8 bits', '16UC1', depth(greyPng(2, 1, [1, 2], 8)), /not grey with 16 bits/],
    ['of three channels', '16UC1', depth(colourful), /not grey with 16 bits/],
    ['with a side too long', '16UC1', depth(huge), /16385x2; at most/],
    ['with too many places', '16UC1', depth(wide), /16000x16000; at most/],
    ['of a place more than 64 MiB', '16UC1', depth(saying(8192, 4097)), /8192x4097; at most 64 MiB/],
    ['with a coding that is nothing', '32FC1', depth(png, [0, 1]), /not numbers/],
    ['with a coding that is no number', '32FC1', depth(png, [Number.NaN, 1]), /not numbers/],
  ])('%s is refused with a remedy', (_, format, data, sentence) => {
    let refusal: unknown;
    try {
      checkCompressedDepth({ header, format, data });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(InputError);
    expect((refusal as InputError).explain()).toMatch(sentence);
  });

  it('of any bytes and any format is a value or that refusal', () => {
    const formats = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.constantFrom('16UC1', '32FC1; compressedDepth png'),
    );
    fc.assert(
      fc.property(formats, fc.uint8Array({ maxLength: 60 }), fc.boolean(), (format, bytes, real) => {
        const data = real
          ? depth(png).map((byte, at) => (at < bytes.length ? byte ^ (bytes[at] ?? 0) : byte))
          : bytes;
        try {
          expect(checkCompressedDepth({ header, format, data }).width).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          expect(error.code).toBe('ros-depth');
        }
      }),
    );
  });
});
