import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import { pictureFeatures } from '../../../../src/drift/picture/features.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import { type Encoding, type Image, thumbnail, thumbnailCells } from '../../../../src/perception/index.ts';

function rgb(
  width: number,
  height: number,
  colour: (x: number, y: number) => [number, number, number],
): Image {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set(colour(x, y).map(clamp), (y * width + x) * 3);
  return { data, width, height, step: width * 3, encoding: 'rgb8' };
}

const clamp = (value: number) => Math.min(255, Math.max(0, Math.round(value)));
const scene = (x: number, y: number): [number, number, number] => {
  const wall = 90 + 60 * Math.sin(x / 37) + 40 * Math.cos(y / 23);
  const bars = Math.floor(x / 4) % 9 === 0 ? 70 : 0;
  return [wall + bars, wall + bars, wall - 20 + bars];
};

describe('A thumbnail', () => {
  it('has the mean luma and colour of a plain picture, in every encoding', () => {
    const width = 64;
    const height = 36;
    const images: [Encoding, Uint8Array, number][] = [
      ['rgb8', new Uint8Array(width * height * 3).fill(120), width * 3],
      ['bgr8', new Uint8Array(width * height * 3).fill(120), width * 3],
      ['mono8', new Uint8Array(width * height).fill(120), width],
      [
        'nv12',
        new Uint8Array((width * height * 3) / 2).fill(120, 0, width * height).fill(128, width * height),
        width,
      ],
      [
        'yuyv',
        Uint8Array.from({ length: width * height * 2 }, (_, i) => (i % 2 === 0 ? 120 : 128)),
        width * 2,
      ],
    ];
    for (const [encoding, data, step] of images) {
      const made = thumbnail({ data, width, height, step, encoding });
      expect([...new Set(made.grey)], encoding).toEqual([120]);
      expect(Math.max(...made.detail), encoding).toBe(0);
      expect(made.chroma, encoding).toBeLessThan(0.01);
      expect(Math.abs(made.red - made.blue), encoding).toBeLessThan(0.01);
    }
  });

  it('tells red from blue in rgb8, bgr8, nv12 and yuyv', () => {
    const red = rgb(64, 36, () => [200, 40, 40]);
    expect(thumbnail(red).red).toBeCloseTo(200 / 255, 6);
    expect(thumbnail({ ...red, encoding: 'bgr8' }).blue).toBeCloseTo(200 / 255, 6);
    const nv12 = new Uint8Array((64 * 36 * 3) / 2).fill(90, 0, 64 * 36);
    for (let i = 64 * 36; i < nv12.length; i += 2) nv12.set([110, 210], i);
    const made = thumbnail({ data: nv12, width: 64, height: 36, step: 64, encoding: 'nv12' });
    expect(made.red - made.blue).toBeGreaterThan(0.4);
    const yuyv = Uint8Array.from({ length: 64 * 36 * 2 }, (_, i) => [90, 110, 90, 210][i % 4]!);
    const other = thumbnail({ data: yuyv, width: 64, height: 36, step: 128, encoding: 'yuyv' });
    expect(other.red).toBeCloseTo(made.red, 6);
    expect(other.chroma).toBeCloseTo(made.chroma, 6);
  });

  it('reads pictures smaller and larger than itself, and rows with padding', () => {
    for (const [width, height] of [
      [3, 1],
      [50, 20],
      [641, 361],
      [1920, 1080],
    ] as const) {
      const made = thumbnail({
        data: new Uint8Array((width + 5) * height).fill(77),
        width,
        height,
        step: width + 5,
        encoding: 'mono8',
      });
      expect(made.grey.length).toBe(thumbnailCells);
      expect(Math.min(...made.grey)).toBe(77);
    }
  });

  it('refuses what it cannot read', () => {
    const image = { data: new Uint8Array(10), width: 64, height: 36, step: 64, encoding: 'mono8' } as const;
    expect(() => thumbnail(image)).toThrow(InputError);
    expect(() => thumbnail({ ...image, encoding: 'jpeg' })).toThrow(InputError);
    expect(() => thumbnail({ ...image, width: 2 })).toThrow(InputError);
  });

  it('has another hash when one sampled byte changes, and the same for the same picture', () => {
    const image = rgb(128, 72, scene);
    const again = thumbnail({ ...image, data: Uint8Array.from(image.data) });
    expect(again.hash).toBe(thumbnail(image).hash);
    const noisy = Uint8Array.from(image.data, (value, i) => (i % 7 === 0 ? value ^ 1 : value));
    expect(thumbnail({ ...image, data: noisy }).hash).not.toBe(again.hash);
  });
});

describe('Features of a picture', () => {
  const sharp = pictureFeatures(thumbnail(rgb(320, 180, scene)));

  it('blur takes the sharpness, noise does not add to it as much as to itself', () => {
    const blurred = pictureFeatures(
      thumbnail(
        rgb(320, 180, (x, y) => {
          const sum = [0, 0, 0];
          for (let d = -4; d <= 4; d++)
            for (const [k, value] of scene(x + d, y).entries()) sum[k]! += value / 9;
          return sum as [number, number, number];
        }),
      ),
    );
    expect(blurred.sharpness).toBeLessThan(sharp.sharpness / 3);
    expect(Math.abs(blurred.brightness - sharp.brightness)).toBeLessThan(0.02);
    const random = seededRandom(1);
    const noisy = pictureFeatures(
      thumbnail(
        rgb(320, 180, (x, y) => {
          const grain = 12 * random.normal();
          return scene(x, y).map((value) => value + grain) as [number, number, number];
        }),
      ),
    );
    expect(noisy.noise).toBeGreaterThan(4 * sharp.noise + 3);
    expect(noisy.sharpness / sharp.sharpness).toBeLessThan(2);
  });

  it('black, white and plain pictures have no contrast and no entropy', () => {
    for (const level of [0, 128, 255]) {
      const plain = pictureFeatures(thumbnail(rgb(320, 180, () => [level, level, level])));
      expect(plain.contrast).toBe(0);
      expect(plain.entropy).toBe(0);
      expect(plain.brightness).toBeCloseTo(level / 255, 6);
      expect(plain.dark).toBe(level === 0 ? 1 : 0);
      expect(plain.bright).toBe(level === 255 ? 1 : 0);
      expect(plain.redShare).toBeCloseTo(1 / 3, 6);
    }
  });
});
