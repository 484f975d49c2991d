import sharp from 'sharp';
import { expect, it } from 'vitest';
import { jpegMiniature } from '../../../../src/adapters/sharp/index.ts';
import { SceneChange } from '../../../../src/perception/preprocess/scene-change.ts';

const [width, height] = [1280, 720];

async function street(carX: number | undefined): Promise<Uint8Array> {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const car = carX !== undefined && x >= carX && x < carX + 256 && y >= 300 && y < 480;
      data.fill(
        car ? 230 : 40 + (((x >> 5) * 7 + (y >> 5) * 11) % 120),
        (y * width + x) * 3,
        (y * width + x + 1) * 3,
      );
    }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
}

it('A small picture of a JPEG shows what moves in it, as the whole would', async () => {
  const scene = new SceneChange();
  const look = async (carX: number | undefined) => scene.look(await jpegMiniature(await street(carX)));
  expect(await look(undefined)).toBe(1);
  expect(await look(undefined)).toBe(0);
  const moved = await look(512);
  expect(moved).toBeGreaterThan(0.03);
  expect(moved).toBeLessThan(0.07);
});

it('A small picture of what is no JPEG is none', async () => {
  await expect(jpegMiniature(Uint8Array.of(1, 2, 3))).rejects.toThrow();
});
