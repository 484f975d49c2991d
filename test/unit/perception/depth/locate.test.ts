import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Box,
  boxLocator,
  type DepthPicture,
  type Lens,
  noRotation,
  placed,
  scaledLens,
} from '../../../../src/perception/index.ts';

const lens: Lens = { width: 640, height: 480, fx: 500, fy: 500, cx: 319.5, cy: 239.5 };
/** The picture's middle in corner coordinates is 320, 240: straight ahead. */
const ahead: Box = { x1: 270, y1: 215, x2: 370, y2: 265 };

function depth(
  metres: (x: number, y: number) => number,
  { unit = 'mm' as 'mm' | 'm', width = 640, height = 480, pad = 0, bigEndian = false } = {},
): DepthPicture {
  const bytes = unit === 'mm' ? 2 : 4;
  const step = width * bytes + pad;
  const data = new Uint8Array(step * height);
  const view = new DataView(data.buffer);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = y * step + x * bytes;
      if (unit === 'm') view.setFloat32(at, metres(x, y), !bigEndian);
      else view.setUint16(at, Math.round(metres(x, y) * 1000), !bigEndian);
    }
  return { data, width, height, step, unit, bigEndian };
}

describe('A box in front of a depth picture', () => {
  it.each([
    ['millimetres', {}],
    ['metres', { unit: 'm' as const }],
    ['rows with padding, the other octet order', { pad: 6, bigEndian: true }],
    ['metres of the other octet order', { unit: 'm' as const, bigEndian: true }],
  ])('straight ahead at 2 m lies at 2 m and has the size of its corners there: %s', (_, form) => {
    const located = boxLocator(
      depth(() => 2, form),
      lens,
      lens,
    )(ahead);
    expect(located?.center.x).toBeCloseTo(0, 9);
    expect(located?.center.y).toBeCloseTo(0, 9);
    expect(located?.center.z).toBeCloseTo(2, 6);
    // 100 pixels at a focal length of 500 are a fifth of the distance.
    expect(located?.size.x).toBeCloseTo(0.4, 6);
    expect(located?.size.y).toBeCloseTo(0.2, 6);
    expect(located?.size.z).toBe(0);
  });

  it('lies where inverse depth says, coded as compressed_depth_image_transport does', () => {
    // Quantization 100 and a largest depth of 10 m: value = a / depth + b, cut off.
    const a = 100 * 101;
    const b = 1 - a / 10;
    const coded = (metres: number) => depth(() => Math.floor(a / metres + b) / 1000);
    for (const metres of [0.5, 2, 7]) {
      const located = boxLocator({ ...coded(metres), unit: { a, b } }, lens, lens)(ahead);
      expect(located?.center.z).toBeCloseTo(metres, 2);
    }
    const nothing = { ...depth(() => 0), unit: { a, b } };
    expect(boxLocator(nothing, lens, lens)(ahead)).toBeUndefined();
  });

  it('to the right and below lies at positive x and y', () => {
    const located = boxLocator(
      depth(() => 4),
      lens,
      lens,
    )({ x1: 420, y1: 290, x2: 470, y2: 340 });
    // The middle, 445 and 315, is 125 and 75 pixels from the optical centre.
    expect(located?.center).toEqual({ x: expect.closeTo(1, 9), y: expect.closeTo(0.6, 9), z: 4 });
  });

  it('is not where the background at its rim is, nor where a part of it is that sticks out', () => {
    const scene = (x: number, y: number) =>
      x < 285 || x > 354 || y < 222 || y > 257 ? 9 : x < 300 ? 1.5 : 2;
    const located = boxLocator(depth(scene), lens, lens)(ahead);
    expect(located?.center.z).toBe(2);
    expect(located?.size.z).toBe(0.5);
  });

  it('goes by what was measured, as long as a tenth was', () => {
    const measured = (share: number) => (x: number) => (x - 295 < 50 * share ? 3 : 0);
    expect(boxLocator(depth(measured(0.25)), lens, lens)(ahead)?.center.z).toBe(3);
    expect(boxLocator(depth(measured(0.05)), lens, lens)(ahead)).toBeUndefined();
  });

  it.each([
    ['nothing', 0],
    ['NaN', Number.NaN],
    ['something infinite', Number.POSITIVE_INFINITY],
    ['a negative distance', -1],
  ])('of which the depth camera tells %s is not located', (_, value) => {
    const picture = depth(() => value, { unit: 'm' });
    expect(boxLocator(picture, lens, lens)(ahead)).toBeUndefined();
  });

  it('is not located outside of the view of the depth camera', () => {
    const narrow: Lens = { ...lens, fx: 2000, fy: 2000 };
    const corner: Box = { x1: 0, y1: 0, x2: 40, y2: 40 };
    expect(
      boxLocator(
        depth(() => 2),
        narrow,
        lens,
      )(corner),
    ).toBeUndefined();
  });

  it('is found in a smaller picture that is aligned, and in that of another lens', () => {
    // The near object is where the colour picture has columns 400 to 480.
    const half = depth((x) => (x >= 200 && x < 240 ? 1 : 5), { width: 320, height: 240 });
    const box: Box = { x1: 400, y1: 200, x2: 480, y2: 280 };
    expect(boxLocator(half, scaledLens(lens, 320, 240)!, lens)(box)?.center.z).toBe(1);
    // Half the focal length: half as far from the middle, 40 to 80 pixels.
    const wide = depth((x) => (x >= 360 && x < 400 ? 1 : 5));
    expect(boxLocator(wide, { ...lens, fx: 250, fy: 250 }, lens)(box)?.center.z).toBe(1);
  });

  it('is located or not, and never outside of the distances that were measured, whatever comes', () => {
    const side = fc.double({ min: -100, max: 800, noNaN: true });
    const picture = depth((x, y) => ((x * 7 + y * 13) % 50) / 10, { width: 64, height: 48 });
    const small = scaledLens(lens, 64, 48)!;
    fc.assert(
      fc.property(side, side, side, side, (x1, y1, x2, y2) => {
        const located = boxLocator(picture, small, lens)({ x1, y1, x2, y2 });
        if (located === undefined) return;
        expect(located.center.z).toBeGreaterThan(0);
        expect(located.center.z).toBeLessThanOrEqual(4.9);
      }),
      { numRuns: 200 },
    );
  });
});

describe('A lens', () => {
  it('of a picture of half the size has half the focal length, and its middle stays the middle', () => {
    expect(scaledLens(lens, 320, 240)).toEqual({
      ...{ width: 320, height: 240, fx: 250, fy: 250, cx: 159.5, cy: 119.5 },
    });
  });

  it.each([
    ['cut', 640, 400],
    ['empty', 0, 0],
  ])('does not fit a picture that was %s', (_, width, height) => {
    expect(scaledLens(lens, width, height)).toBeUndefined();
  });

  it('without a focal length, as an uncalibrated camera tells it, is none', () => {
    expect(scaledLens({ ...lens, fx: 0 }, 640, 480)).toBeUndefined();
  });
});

describe('A placement', () => {
  it('turns the optical frame into that of a robot: forward is x, left is y, up is z', () => {
    // The usual one of an optical frame on a robot that looks ahead.
    const rotation = { x: -0.5, y: 0.5, z: -0.5, w: 0.5 };
    const at = placed(
      { frameId: 'base_link', translation: { x: 0.1, y: 0, z: 0.5 }, rotation },
      { x: 1, y: 2, z: 3 },
    );
    expect(at).toEqual({ x: expect.closeTo(3.1), y: expect.closeTo(-1), z: expect.closeTo(-1.5) });
  });

  it('without a rotation moves only', () => {
    const translation = { x: 1, y: 1, z: 1 };
    expect(placed({ frameId: 'map', translation, rotation: noRotation }, { x: 1, y: 2, z: 3 })).toEqual({
      ...{ x: 2, y: 3, z: 4 },
    });
  });
});
