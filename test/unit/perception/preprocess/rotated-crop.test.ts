import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../../src/perception/index.ts';
import { rotatedCrop, rotatedRegion } from '../../../../src/perception/preprocess/rotated-crop.ts';

const [width, height] = [64, 48];

/** Each pixel says where it is: x in red, y in green. */
function frame(encoding: Frame['encoding']): Frame {
  const channels = { rgb8: 3, bgr8: 3, mono8: 1, yuyv: 2, nv12: 1, jpeg: 0 }[encoding];
  const data = new Uint8Array(encoding === 'nv12' ? width * height * 1.5 : width * height * channels).fill(
    128,
  );
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels;
      data[at] = 2 * x + 40;
      if (channels === 3) [data[at + 1], data[at + 2]] = [3 * y, 9];
    }
  return {
    ...{ camera: 'front', sequence: 0, stampNs: 0n, frameId: '', width, height, encoding },
    step: width * channels,
    pixels: { data, release() {} },
  };
}

const at = ({ pixels: { data }, width: columns }: Frame, x: number, y: number) =>
  Array.from(data.subarray(3 * (y * columns + x), 3 * (y * columns + x) + 3));

describe('A rotated box as a picture', () => {
  it('is the pixels themselves where it lies upright on whole ones', () => {
    const region = rotatedRegion({ cx: 20, cy: 15, width: 20, height: 10, angle: 0 }, 0)!;
    const piece = rotatedCrop(frame('rgb8'), region);
    expect(piece).toMatchObject({ width: 20, height: 10, step: 60, encoding: 'rgb8' });
    expect(at(piece, 0, 0)).toEqual([2 * 10 + 40, 3 * 10, 9]);
    expect(at(piece, 19, 9)).toEqual([2 * 29 + 40, 3 * 19, 9]);
  });

  it('has its width along the direction of the box', () => {
    const region = rotatedRegion({ cx: 30, cy: 20, width: 20, height: 10, angle: Math.PI / 2 }, 0)!;
    const piece = rotatedCrop(frame('rgb8'), region);
    // Its first line goes down along the right side of the box.
    expect(at(piece, 0, 0)).toEqual([2 * 34 + 40, 3 * 10, 9]);
    expect(at(piece, 19, 0)).toEqual([2 * 34 + 40, 3 * 29, 9]);
    expect(at(piece, 0, 9)).toEqual([2 * 25 + 40, 3 * 10, 9]);
  });

  it.each(['bgr8', 'mono8', 'nv12', 'yuyv'] as const)('is cut out of %s, too', (encoding) => {
    const region = rotatedRegion({ cx: 20, cy: 15, width: 20, height: 10, angle: 0.4 }, 0.1)!;
    const piece = rotatedCrop(frame(encoding), region);
    expect(piece).toMatchObject({ width: 24, height: 12, encoding: encoding === 'bgr8' ? 'bgr8' : 'rgb8' });
    const [left, right] = [at(piece, 1, 6)[0]!, at(piece, 22, 6)[0]!];
    expect(right).toBeGreaterThan(left + 20);
  });

  it('goes on with the edge beyond the frame, and comes smaller where it is very high', () => {
    const beyond = rotatedRegion({ cx: 0, cy: 0, width: 10, height: 10, angle: 0 }, 0)!;
    expect(at(rotatedCrop(frame('rgb8'), beyond), 0, 0)).toEqual([40, 0, 9]);
    expect(rotatedRegion({ cx: 0, cy: 0, width: 800, height: 192, angle: 0 }, 0)).toMatchObject({
      width: 400,
      height: 96,
    });
    expect(rotatedRegion({ cx: 0, cy: 0, width: 40, height: 2, angle: 0 }, 0)).toBeUndefined();
  });
});
