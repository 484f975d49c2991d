import { describe, expect, it } from 'vitest';
import type { Image } from '../../../../src/perception/index.ts';
import { SceneChange } from '../../../../src/perception/preprocess/scene-change.ts';

const width = 128;
const height = 72;

function grey(paint: (x: number, y: number) => number, encoding: 'mono8' | 'rgb8' | 'yuyv' | 'nv12'): Image {
  const perPixel = { mono8: 1, rgb8: 3, yuyv: 2, nv12: 1 }[encoding];
  const rows = encoding === 'nv12' ? height * 1.5 : height;
  const data = new Uint8Array(width * perPixel * rows).fill(128);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * perPixel;
      data.fill(paint(x, y), at, at + (encoding === 'yuyv' ? 1 : perPixel));
    }
  return { width, height, encoding, step: width * perPixel, data };
}

const street = (x: number, y: number) => 60 + ((x * 3 + y * 5) % 80);
const withCar = (x: number, y: number) => (x >= 32 && x < 64 && y >= 18 && y < 36 ? 220 : street(x, y));

describe('what moves in a scene', () => {
  it.each(['mono8', 'rgb8', 'yuyv', 'nv12'] as const)('is seen in %s', (encoding) => {
    const scene = new SceneChange();
    expect(scene.look(grey(street, encoding))).toBe(1);
    expect(scene.look(grey(street, encoding))).toBe(0);
    expect(scene.look(grey(withCar, encoding))).toBeCloseTo((32 * 18) / (width * height), 2);
  });

  it('is not the light of all of it', () => {
    const scene = new SceneChange();
    scene.look(grey(street, 'mono8'));
    expect(scene.look(grey((x, y) => street(x, y) + 40, 'mono8'))).toBe(0);
  });

  it('is not triggered by objects that have been there for a while', () => {
    const scene = new SceneChange();
    scene.look(grey(street, 'mono8'));
    for (let frame = 0; frame < 40; frame++) scene.look(grey(withCar, 'mono8'));
    expect(scene.look(grey(withCar, 'mono8'))).toBe(0);
  });

  it('is not known of a compressed frame, which is looked at', () => {
    const frame = { ...grey(street, 'mono8'), encoding: 'jpeg' as const };
    const scene = new SceneChange();
    expect([scene.look(frame), scene.look(frame)]).toEqual([1, 1]);
  });
});
