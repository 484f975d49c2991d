import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeConvertPicture, nativeConvertPictureAside } from '../../../device/native/index.ts';
import {
  convertedBytes,
  convertPicture,
  type RawEncoding,
  type RawPicture,
  rawEncodings,
} from '../../../src/ros2/index.ts';
import { nativeMissing, titled } from '../../conformance/native-build.ts';

const why = nativeMissing();
const bytesPerPixel: Partial<Record<RawEncoding, number>> = {
  ...{ rgba8: 4, bgra8: 4, uyvy: 2, mono16: 2, mono16be: 2 },
};

const bytesOf = (encoding: RawEncoding) =>
  /^bayer_.*16/.test(encoding) ? 2 : (bytesPerPixel[encoding] ?? 1);

/** Random bytes that end with the last pixel, not with the last row's padding. */
function picture(encoding: RawEncoding, w: number, h: number, extra: number, seed: number): RawPicture {
  const pairs = encoding === 'uyvy' || encoding === 'nv21';
  const width = pairs ? w + (w % 2) : w;
  const height = encoding === 'nv21' ? h + (h % 2) : h;
  const row = width * bytesOf(encoding);
  const step = row + extra;
  const rows = encoding === 'nv21' ? height * 1.5 : height;
  const data = new Uint8Array(step * (rows - 1) + row);
  let state = seed | 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    data[i] = state >>> 24;
  }
  return { data, width, height, step, encoding };
}

const convert = nativeConvertPicture() ?? (() => {});
const aside = nativeConvertPictureAside() ?? (async () => {});

describe.skipIf(why !== undefined)(titled('native conversion of pictures', why), () => {
  it('gives the bytes of the TypeScript reference, whatever the size and encoding', () => {
    const encodings = fc.constantFrom(...(Object.keys(rawEncodings) as RawEncoding[]));
    const sides = fc.integer({ min: 2, max: 90 });
    fc.assert(
      fc.property(encodings, sides, sides, fc.nat(40), fc.integer(), (encoding, w, h, extra, seed) => {
        const raw = picture(encoding, w, h, extra, seed);
        const bytes = convertedBytes(encoding, raw.width, raw.height);
        const [expected, out] = [new Uint8Array(bytes), new Uint8Array(bytes)];
        convertPicture(raw, expected);
        convert(raw, out);
        expect(Buffer.compare(out, expected)).toBe(0);
      }),
      { numRuns: 400, seed: 20_263 },
    );
  });

  it('gives the same bytes on another thread', async () => {
    const encodings = Object.keys(rawEncodings) as RawEncoding[];
    for (const [index, encoding] of encodings.entries()) {
      const raw = picture(encoding, 41 + index, 23 + index, 7, index + 1);
      const bytes = convertedBytes(encoding, raw.width, raw.height);
      const [expected, out] = [new Uint8Array(bytes), new Uint8Array(bytes)];
      convertPicture(raw, expected);
      await aside(raw, out, undefined);
      expect(Buffer.compare(out, expected), encoding).toBe(0);
    }
  });

  it('refuses there what it refuses here, and pieces that are none', async () => {
    const raw: RawPicture = { data: new Uint8Array(159), width: 10, height: 4, step: 40, encoding: 'rgba8' };
    await expect(aside(raw, new Uint8Array(120), undefined)).rejects.toMatchObject({
      code: 'native-bad-frame',
      message: expect.stringMatching(/needs 160 bytes.* has 159/),
    });
    expect(() => aside(raw, new Uint8Array(120), {})).toThrow('"pieces" must be');
  });

  it.each<[string, Partial<RawPicture>, number, RegExp]>([
    ['a buffer one byte short', { data: new Uint8Array(159) }, 120, /needs 160 bytes.* has 159/],
    ['a step smaller than a row', { step: 39 }, 120, /39 bytes a row, but a row needs 40/],
    ['no pixels', { width: 0 }, 0, /too small/],
    ['an absurd side', { width: 20_000, step: 80_000 }, 120, /too large/],
    ['a result that does not fit', {}, 119, /becomes 120 bytes.* room for 119/],
    ['an odd width of pairs', { encoding: 'uyvy', width: 9 }, 72, /odd width/],
    [
      'a mosaic of 16 bits with the rows of one of 8',
      { encoding: 'bayer_gbrg16', step: 19 },
      120,
      /a row needs 20/,
    ],
    ['a mosaic of one row', { encoding: 'bayer_rggb8', height: 1 }, 30, /too small/],
  ])('refuses %s', (_, change, room, message) => {
    const raw: RawPicture = {
      ...{ data: new Uint8Array(160), width: 10, height: 4, step: 40, encoding: 'rgba8' },
      ...change,
    };
    expect(() => convert(raw, new Uint8Array(room))).toThrow(message);
    expect(() => convert(raw, new Uint8Array(room))).toThrow(
      expect.objectContaining({ code: 'native-bad-frame' }),
    );
  });
});
