import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../../../../src/adapters/sharp/index.ts';
import type { GoshawkError } from '../../../../src/base/index.ts';

const red = { r: 255, g: 0, b: 0 };
const solid = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: red } });
const failure = (bytes: Uint8Array): Promise<GoshawkError> =>
  decodePicture(bytes, 'street.jpg').then(
    () => expect.unreachable('it should have been refused'),
    (error: GoshawkError) => error,
  );

/** Average of each channel. */
async function colour(bytes: Uint8Array): Promise<number[]> {
  const { data, width, height } = await decodePicture(bytes, 'x');
  const sums = [0, 0, 0];
  for (let at = 0; at < data.length; at += 1) sums[at % 3]! += data[at]!;
  return sums.map((sum) => Math.round(sum / (width * height)));
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A PNG whose header says any size, with hardly any data. */
function pngOfSize(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(64))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('A picture', () => {
  it('is decoded to rgb8 without padding', async () => {
    const picture = await decodePicture(await solid(31, 17).png().toBuffer(), 'a.png');
    expect(picture).toMatchObject({ width: 31, height: 17, step: 93, encoding: 'rgb8' });
    expect(picture.data.length).toBe(31 * 17 * 3);
    expect([...picture.data.subarray(0, 3)]).toEqual([255, 0, 0]);
  });

  it.each([
    [
      'gray',
      () => sharp(Buffer.alloc(64, 90), { raw: { width: 8, height: 8, channels: 1 } }).jpeg(),
      [90, 90, 90],
    ],
    ['of 16 bits', () => solid(8, 8).toColourspace('rgb16').png(), [255, 0, 0]],
    ['with a palette', () => solid(8, 8).png({ palette: true }), [255, 0, 0]],
    ['half transparent, laid on black', () => solid(8, 8).ensureAlpha(0.5).png(), [128, 0, 0]],
  ] as const)('%s becomes 8-bit RGB', async (_kind, make, expected) => {
    const found = await colour(await make().toBuffer());
    const differences = found.map((value, channel) => Math.abs(value - expected[channel]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(2);
  });

  it('in CMYK becomes RGB with about its colours', async () => {
    const [r = 0, g = 255, b = 255] = await colour(
      await solid(16, 16).toColourspace('cmyk').jpeg().toBuffer(),
    );
    expect(r).toBeGreaterThan(200);
    expect(Math.max(g, b)).toBeLessThan(80);
  });

  it('is turned as its EXIF orientation says, as cv2.imread does', async () => {
    const turned = await solid(40, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await decodePicture(turned, 'a.jpg')).toMatchObject({ width: 20, height: 40 });
  });
});

describe('A picture that cannot be used', () => {
  it.each([
    ['an empty file', () => new Uint8Array(0), /street\.jpg.*empty/],
    ['text', () => Buffer.from('this is no picture'), /not a picture format/],
    ['a PNG of 0x0 pixels', () => pngOfSize(0, 0), /street\.jpg/],
  ])('because it is %s is refused by name', async (_what, bytes, words) => {
    const error = await failure(bytes());
    expect(error.code).toBe('picture-broken');
    expect(error.message).toMatch(words);
    expect(error.remedy).not.toBe('');
  });

  it('because its JPEG is cut short anywhere is refused', async () => {
    const whole = await sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: red,
        noise: { type: 'gaussian', mean: 128, sigma: 50 },
      },
    })
      .jpeg()
      .toBuffer();
    for (const part of [0.1, 0.5, 0.9, 0.98]) {
      const error = await failure(whole.subarray(0, Math.floor(whole.length * part)));
      expect(error.code).toBe('picture-broken');
      expect(error.message).toContain('street.jpg');
    }
  });

  it.each([
    [20_000, 20_000],
    [17_000, 10],
    [12_000, 12_000],
  ])('because it is %dx%d is refused before its pixels are read', async (width, height) => {
    const error = await failure(pngOfSize(width, height));
    expect(error.code).toBe('picture-too-large');
    expect(error.message).toContain(`${width}x${height}`);
  });
});
