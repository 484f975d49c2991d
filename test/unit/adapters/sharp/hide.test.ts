import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodeHidden, hideBoxes } from '../../../../src/adapters/sharp/index.ts';
import type { Box, Frame } from '../../../../src/perception/index.ts';

const width = 128;
const height = 96;

/** Stripes of one pixel: nothing is left of them in squares of many pixels. */
function striped(): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.fill(i % 2 === 0 ? 0 : 255, i * 3, i * 3 + 3);
  return data;
}

function frameOf(data: Uint8Array, over: Partial<Frame> = {}): Frame {
  return {
    ...{ camera: 'front', sequence: 0, stampNs: 0n, frameId: 'front', width, height },
    ...{ encoding: 'rgb8', step: width * 3, pixels: { data, release() {} } },
    ...over,
  };
}

/** Mean difference of neighbours in a row, over a box. */
async function detail(jpeg: Uint8Array, { x1, y1, x2, y2 }: Box): Promise<number> {
  const { data, info } = await sharp(jpeg).greyscale().raw().toBuffer({ resolveWithObject: true });
  let sum = 0;
  let count = 0;
  for (let y = y1; y < y2; y++)
    for (let x = x1; x < x2 - 1; x++, count++)
      sum += Math.abs((data[y * info.width + x] ?? 0) - (data[y * info.width + x + 1] ?? 0));
  return sum / count;
}

describe('A frame with something hidden', () => {
  it('shows squares in the box and the picture as it was beside it, in its own size', async () => {
    const jpeg = await encodeHidden(frameOf(striped()), [{ x1: 16, y1: 16, x2: 64, y2: 64 }]);
    expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', width, height });
    expect(await detail(jpeg, { x1: 18, y1: 18, x2: 62, y2: 62 })).toBeLessThan(10);
    expect(await detail(jpeg, { x1: 80, y1: 16, x2: 120, y2: 64 })).toBeGreaterThan(150);
  });

  it('is the picture itself where nothing is to be hidden', async () => {
    const jpeg = await encodeHidden(frameOf(striped()), []);
    expect(await detail(jpeg, { x1: 0, y1: 0, x2: width, y2: height })).toBeGreaterThan(150);
  });

  it('bears boxes at the edge, beyond it, without any size and without a number', async () => {
    const boxes = [
      { x1: 100, y1: 80, x2: 500, y2: 500 },
      { x1: -20, y1: -20, x2: 5, y2: 5 },
      { x1: 50, y1: 50, x2: 50, y2: 50 },
      { x1: Number.NaN, y1: 0, x2: Number.NaN, y2: 4 },
    ];
    const jpeg = await encodeHidden(frameOf(striped()), boxes);
    expect(await detail(jpeg, { x1: 104, y1: 84, x2: 126, y2: 94 })).toBeLessThan(15);
  });

  it('takes every encoding of a camera, and refuses what it can’t read', async () => {
    const grey = frameOf(new Uint8Array(width * height), { encoding: 'mono8', step: width });
    expect(await sharp(await encodeHidden(grey, [])).metadata()).toMatchObject({ width, height });
    const bgr = frameOf(striped(), { encoding: 'bgr8' });
    expect(await sharp(await encodeHidden(bgr, [{ x1: 0, y1: 0, x2: 9, y2: 9 }])).metadata()).toMatchObject({
      width,
    });
    const inner = await sharp(striped(), { raw: { width, height, channels: 3 } })
      .jpeg()
      .toBuffer();
    const packed = frameOf(inner, { encoding: 'jpeg', step: 0 });
    expect(await sharp(await encodeHidden(packed, [])).metadata()).toMatchObject({ width, height });
    for (const [encoding, step, rows] of [
      ['yuyv', width * 2, height],
      ['nv12', width, height * 1.5],
    ] as const) {
      const other = frameOf(new Uint8Array(step * rows), { encoding, step });
      expect(await sharp(await encodeHidden(other, [])).metadata()).toMatchObject({ width, height });
    }
    const short = frameOf(new Uint8Array(100), { encoding: 'nv12', step: width });
    await expect(encodeHidden(short, [])).rejects.toMatchObject({ code: 'frame-short' });
  });

  it.each(['rgb8', 'bgr8', 'mono8', 'jpeg'] as const)('is had as pixels too, of %s', async (encoding) => {
    const grey = encoding === 'mono8';
    const rows = striped().filter((_, at) => !grey || at % 3 === 0);
    const data =
      encoding === 'jpeg'
        ? await sharp(rows, { raw: { width, height, channels: 3 } })
            .jpeg()
            .toBuffer()
        : rows;
    const step = grey ? width : 3 * width;
    const seen = await hideBoxes({ width, height, step, encoding, data }, [
      { x1: 16, y1: 16, x2: 64, y2: 64 },
    ]);
    expect(seen).toMatchObject({ width, height, step: 3 * width, encoding: 'rgb8' });
    expect(seen.data).toHaveLength(3 * width * height);
    const png = await sharp(seen.data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    expect(await detail(png, { x1: 18, y1: 18, x2: 62, y2: 62 })).toBeLessThan(10);
    expect(await detail(png, { x1: 80, y1: 16, x2: 120, y2: 64 })).toBeGreaterThan(150);
  });

  it('does not look at the pixels any more when the call is over', async () => {
    const data = striped();
    const made = encodeHidden(frameOf(data), []);
    data.fill(0);
    expect(await detail(await made, { x1: 0, y1: 0, x2: width, y2: height })).toBeGreaterThan(150);
  });
});
