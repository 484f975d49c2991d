import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodePreview } from '../../../../src/adapters/sharp/index.ts';
import type { Image } from '../../../../src/perception/index.ts';

/** Stripes of one pixel, black and white: nothing of them is left where they are hidden. */
const [width, height] = [320, 160];
const image: Image = {
  ...{ width, height, step: width * 3, encoding: 'rgb8' },
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (Math.floor(i / 3) % 2 === 0 ? 0 : 255)),
};

async function contrast(
  jpeg: Uint8Array,
  area: { left: number; top: number; width: number; height: number },
) {
  const { channels } = await sharp(await sharp(jpeg).extract(area).png().toBuffer()).stats();
  return channels[0]!.stdev;
}

describe('A live picture', () => {
  it('has what is hidden as a few squares, in the size that it is sent in, and the rest as it is', async () => {
    const hidden = [{ x1: 0, y1: 0, x2: 160, y2: 160 }];
    const whole = await encodePreview(image, { maxWidth: 320, hidden });
    expect(await sharp(whole).metadata()).toMatchObject({ width: 320, height: 160 });
    expect(await contrast(whole, { left: 16, top: 16, width: 128, height: 128 })).toBeLessThan(20);
    expect(await contrast(whole, { left: 176, top: 16, width: 128, height: 128 })).toBeGreaterThan(60);
    const small = await encodePreview(image, { maxWidth: 100, hidden });
    expect(await sharp(small).metadata()).toMatchObject({ width: 100, height: 50 });
  });

  it('that may show no detail is one grey of the same size', async () => {
    const flat = await encodePreview(image, { maxWidth: 640, flat: true });
    expect(await sharp(flat).metadata()).toMatchObject({ width: 160, height: 80 });
    expect(await contrast(flat, { left: 0, top: 0, width: 160, height: 80 })).toBe(0);
    expect(flat.length).toBeLessThan(1500);
  });
});
