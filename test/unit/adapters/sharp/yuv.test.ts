import { describe, expect, it } from 'vitest';
import { rgbOfYuv } from '../../../../src/adapters/sharp/yuv.ts';
import type { Image } from '../../../../src/perception/index.ts';

const width = 8;
const height = 4;
const step = 10;

/** One colour, with bytes between the rows that belong to no pixel. */
function nv12(y: number, u: number, v: number): Image {
  const data = new Uint8Array(step * height * 1.5).fill(7);
  for (let row = 0; row < height; row++) data.fill(y, row * step, row * step + width);
  for (let row = 0; row < height / 2; row++)
    for (let x = 0; x < width; x += 2) data.set([u, v], (height + row) * step + x);
  return { data, width, height, step, encoding: 'nv12' };
}

function yuyv(y: number, u: number, v: number): Image {
  const row = width * 2 + 4;
  const data = new Uint8Array(row * height).fill(7);
  for (let line = 0; line < height; line++)
    for (let x = 0; x < width; x += 2) data.set([y, u, y, v], line * row + x * 2);
  return { data, width, height, step: row, encoding: 'yuyv' };
}

const colours: [name: string, yuv: [number, number, number], rgb: [number, number, number]][] = [
  ['black', [16, 128, 128], [0, 0, 0]],
  ['white', [235, 128, 128], [255, 255, 255]],
  ['red', [81, 90, 240], [255, 0, 0]],
  ['green', [145, 54, 34], [0, 255, 0]],
  ['blue', [41, 240, 110], [0, 0, 255]],
];

describe('A camera’s luma and colour differences', () => {
  it.each(colours)('are %s in both encodings, at every pixel', async (_, [y, u, v], rgb) => {
    for (const image of [nv12(y, u, v), yuyv(y, u, v)]) {
      const { data, step: rowBytes, encoding } = await rgbOfYuv(image);
      expect([rowBytes, encoding]).toEqual([width * 3, 'rgb8']);
      for (const [i, value] of data.entries()) expect(Math.abs(value - rgb[i % 3]!)).toBeLessThanOrEqual(2);
    }
  });

  it('leave the event loop free while a large frame is turned', async () => {
    let turns = 0;
    const count = () => {
      turns += 1;
      if (turns < 1000) setImmediate(count);
    };
    setImmediate(count);
    const large: Image = {
      ...{ data: new Uint8Array(1920 * 1080 * 1.5), width: 1920, height: 1080, step: 1920 },
      encoding: 'nv12',
    };
    await rgbOfYuv(large);
    expect(turns).toBeGreaterThan(20);
    turns = 1000;
  });

  it('are refused where the frame has fewer bytes than it says', async () => {
    await expect(rgbOfYuv({ ...nv12(1, 2, 3), data: new Uint8Array(20) })).rejects.toThrow(/needs/);
  });
});
