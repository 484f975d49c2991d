import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { FolderFrameSource } from '../../src/adapters/replay/index.ts';
import { decodePicture, encodePreview, jpegDecoderUrl } from '../../src/adapters/sharp/index.ts';
import { GoshawkError } from '../../src/base/index.ts';
import { checkCompressedPicture } from '../../src/ros2/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { NotingReceiver } from '../unit/adapters/replay/receiver.ts';

/** 1.7 kB that ask for a blur of the whole plane, thousands of times over: minutes of work where it is rendered. */
const svg = Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9000" height="9000"><filter id="f">${'<feGaussianBlur stdDeviation="400"/>'.repeat(
    40,
  )}</filter><rect id="r" width="9000" height="9000" filter="url(#f)"/>${'<use xlink:href="#r"/>'.repeat(20)}</svg>`,
);
const jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#f00' } })
  .jpeg()
  .toBuffer();

/** Every row is there: 3.6 GB of one colour, in some MB or, with few rows, in some kB. */
function png(width: number, height: number, rows: number): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const data = deflateSync(Buffer.alloc(rows * (1 + width * 3)), { level: 9 });
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const cases: readonly (readonly [what: string, bytes: Buffer, code: string])[] = [
  ['an SVG', svg, 'picture-broken'],
  ['an SVG behind the first bytes of a JPEG', Buffer.concat([jpeg.subarray(0, 3), svg]), 'picture-broken'],
  ['an SVG behind the header of a JPEG', Buffer.concat([jpeg.subarray(0, 200), svg]), 'picture-broken'],
  ['a PNG that unpacks to 2.7 GB', png(30_000, 30_000, 60), 'picture-too-large'],
  ['a PNG of 99 million pixels that is not whole', png(16_000, 6_200, 60), 'picture-broken'],
  ['a JPEG that is cut short', jpeg.subarray(0, jpeg.length - 40), 'picture-broken'],
  ['a PDF', Buffer.from('%PDF-1.7\n1 0 obj'), 'picture-broken'],
];

const folder = mkdtempSync(join(tmpdir(), 'goshawk-hostile-pictures-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Long before the test is given up. */
const soonMs = 10_000;

describe('A picture that is meant to hold the process', () => {
  it.each(cases)('is refused by name and at once: %s', async (_, bytes, code) => {
    const began = performance.now();
    const error = await decodePicture(bytes, '1.jpg').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GoshawkError);
    expect(error).toMatchObject({ code, message: expect.stringContaining('1.jpg') });
    expect(performance.now() - began).toBeLessThan(soonMs);
  });

  it('in a folder that is played is one fault each, and the good ones come through', async () => {
    for (const [i, [, bytes]] of cases.entries()) writeFileSync(join(folder, `${i}.jpg`), bytes);
    writeFileSync(join(folder, '99.jpg'), jpeg);
    const receiver = new NotingReceiver();
    const source = new FolderFrameSource(folder, decodePicture, { clock: new FakeClock() });
    await source.open(receiver);
    await receiver.ended;
    expect(receiver.frames).toHaveLength(1);
    expect(receiver.faults.map(({ code }) => code)).toEqual(cases.map(([, , code]) => code));
  });

  it('as a compressed frame is refused by the topic, by the decoder and by the preview', async () => {
    const { decodeJpeg } = await import(jpegDecoderUrl);
    const stamp = { stampNs: 0n, frameId: 'front' };
    expect(() => checkCompressedPicture({ header: stamp, format: 'jpeg', data: svg })).toThrow(GoshawkError);
    await expect(decodeJpeg(svg)).rejects.toMatchObject({ code: 'picture-broken' });
    const frame = { data: svg, width: 64, height: 48, step: 0, encoding: 'jpeg' as const };
    await expect(encodePreview(frame, { maxWidth: 32 })).rejects.toMatchObject({ code: 'picture-broken' });
  });
});
