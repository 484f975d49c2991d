import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadNative } from '../../../native/index.ts';
import {
  type Encoding,
  type Image,
  leastThumbnailWidth,
  packedThumbnailBytes,
  thumbnail,
  unpackThumbnail,
} from '../../../src/perception/index.ts';
import { nativeMissing, titled } from '../../conformance/native-build.ts';

const why = nativeMissing();

type Raw = Exclude<Encoding, 'jpeg'>;

/** Random bytes, with padding after each row but the last. */
function picture(encoding: Raw, width: number, height: number, extra: number, seed: number): Image {
  const w = encoding === 'nv12' || encoding === 'yuyv' ? width + (width % 2) : width;
  const h = encoding === 'nv12' ? height + (height % 2) : height;
  const perPixel = { rgb8: 3, bgr8: 3, mono8: 1, nv12: 1, yuyv: 2 }[encoding];
  const step = w * perPixel + extra;
  const rows = encoding === 'nv12' ? h * 1.5 : h;
  const data = new Uint8Array(step * (rows - 1) + w * perPixel);
  let state = seed | 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    data[i] = state >>> 24;
  }
  return { data, width: w, height: h, step, encoding };
}

describe.skipIf(why !== undefined)(titled('A thumbnail made in native code', why), () => {
  it('has the same bits as the reference, whatever the encoding and the size', () => {
    const addon = loadNative();
    fc.assert(
      fc.property(
        fc.constantFrom<Raw>('rgb8', 'bgr8', 'mono8', 'nv12', 'yuyv'),
        fc.integer({ min: leastThumbnailWidth, max: 700 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer(),
        (encoding, width, height, extra, seed) => {
          const image = picture(encoding, width, height, extra, seed);
          const packed = new Uint8Array(packedThumbnailBytes);
          addon.thumbnail(image, packed);
          expect(unpackThumbnail(packed)).toEqual(thumbnail(image));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is none of a picture that is too narrow', () => {
    const packed = new Uint8Array(packedThumbnailBytes);
    loadNative().thumbnail(picture('rgb8', 2, 40, 0, 1), packed);
    expect(unpackThumbnail(packed)).toBeUndefined();
  });

  it('refuses a destination of another size, and a picture that is shorter than it says', () => {
    const addon = loadNative();
    const image = picture('rgb8', 64, 36, 0, 1);
    expect(() => addon.thumbnail(image, new Uint8Array(8))).toThrow(TypeError);
    const packed = new Uint8Array(packedThumbnailBytes);
    expect(() => addon.thumbnail({ ...image, data: image.data.subarray(1) }, packed)).toThrow(/./);
  });
});
