import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../../src/perception/index.ts';
import { cropFrame, cropRegion, fromRegion } from '../../../../src/perception/preprocess/crop.ts';
import { Letterboxer } from '../../../../src/perception/preprocess/letterbox.ts';

const width = 64;
const height = 48;

function frameOf(encoding: 'rgb8' | 'bgr8' | 'mono8' | 'nv12' | 'yuyv', step: number, bytes: number): Frame {
  const data = Uint8Array.from({ length: bytes }, (_, i) => (i * 7919) % 251);
  return {
    ...{ camera: 'front', sequence: 0, stampNs: 0n, frameId: '', width, height, encoding, step },
    pixels: { data, release: () => {} },
  };
}

/** A network that takes pixels as they are: what the part looks like to any detector. */
function seen(frame: Frame, size: { readonly width: number; readonly height: number }): Float32Array {
  const letterboxer = new Letterboxer({
    ...{ tensor: 'x', ...size, layout: 'nhwc', dtype: 'float32', colorOrder: 'rgb', scale: 1 },
    ...{ mean: [0, 0, 0], std: [1, 1, 1], fit: 'stretch', pad: 0 },
  });
  const out = letterboxer.allocate();
  letterboxer.run({ ...frame, data: frame.pixels.data }, out);
  return out as Float32Array;
}

describe('a part of a frame', () => {
  it.each([
    ['rgb8', 200, 200 * height],
    ['bgr8', 192, 192 * height],
    ['mono8', 70, 70 * height],
    ['yuyv', 130, 130 * height],
    ['nv12', 66, 66 * height * 1.5],
  ] as const)('shows in %s what the frame shows there', (encoding, step, bytes) => {
    const frame = frameOf(encoding, step, bytes);
    const whole = seen(frame, frame);
    const region = { x: 10, y: 6, width: 20, height: 16 };
    const part = cropFrame(frame, region);
    expect(part).toMatchObject({ width: 20, height: 16, camera: 'front' });
    const cut = seen(part, region);
    for (let y = 0; y < region.height; y++)
      for (let i = 0; i < region.width * 3; i++)
        expect(cut[y * region.width * 3 + i]).toBe(whole[((y + region.y) * width + region.x) * 3 + i]);
    // Of the rest of the frame nothing is carried along.
    expect(part.pixels.data.length).toBeLessThanOrEqual(step * region.height);
  });

  it('lies in the frame, around its box, with even corners; or there is none', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.double({ min: 0, max: 64, noNaN: true }), fc.double({ min: 0, max: 48, noNaN: true })),
        fc.tuple(fc.double({ min: 0, max: 64, noNaN: true }), fc.double({ min: 0, max: 48, noNaN: true })),
        fc.double({ min: 0, max: 4, noNaN: true }),
        ([ax, ay], [bx, by], expand) => {
          const box = {
            x1: Math.min(ax, bx),
            y1: Math.min(ay, by),
            x2: Math.max(ax, bx),
            y2: Math.max(ay, by),
          };
          const region = cropRegion(box, expand, { width, height });
          if (region === undefined) {
            expect(Math.min(box.x2 - box.x1, box.y2 - box.y1)).toBeLessThan(6);
            return;
          }
          const sides = Object.values(region);
          expect(sides.every((side) => Number.isInteger(side) && side % 2 === 0)).toBe(true);
          expect(Math.min(...sides)).toBeGreaterThanOrEqual(0);
          expect(region.x + region.width).toBeLessThanOrEqual(width);
          expect(region.y + region.height).toBeLessThanOrEqual(height);
          expect(region.x).toBeLessThanOrEqual(box.x1);
          expect(region.x + region.width).toBeGreaterThanOrEqual(box.x2 - 1);
        },
      ),
    );
  });

  it('says where in the frame its boxes, masks and points are', () => {
    const mask = { x: 1, y: 2, cellWidth: 1, cellHeight: 1, columns: 1, rows: 1, values: Uint8Array.of(255) };
    const found = {
      ...{ classId: 0, label: 'person', score: 0.5, mask },
      box: { x1: 1, y1: 2, x2: 3, y2: 4 },
      keypoints: [{ x: 2, y: 3, score: 0.9 }],
    };
    expect(fromRegion(found, { x: 10, y: 20, width: 8, height: 8 })).toEqual({
      ...{ classId: 0, label: 'person', score: 0.5, mask: { ...mask, x: 11, y: 22 } },
      box: { x1: 11, y1: 22, x2: 13, y2: 24 },
      keypoints: [{ x: 12, y: 23, score: 0.9 }],
    });
  });

  it('is refused for a frame that is cut off', () => {
    const frame = frameOf('rgb8', 192, 192 * height - 1);
    expect(() => cropFrame(frame, { x: 0, y: 0, width: 8, height: 8 })).toThrow(/buffer holds/);
  });
});
