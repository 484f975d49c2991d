import type { RotatedBox } from '../detection.ts';
import type { Frame } from '../frame.ts';
import { checkImage } from './image.ts';
import { pixelAdders } from './sampling.ts';

/** A rotated box of a frame as an upright picture of whole pixels. */
export interface RotatedRegion {
  readonly box: RotatedBox;
  readonly width: number;
  readonly height: number;
}

/** A line that is higher comes smaller: networks read lines of 32 to 48 pixels. */
const mostHeight = 96;
const mostWidth = 4096;
const leastSide = 4;

/** The box, widened by `expand` of its sides. Undefined for one too small to show anything. */
export function rotatedRegion(box: RotatedBox, expand: number): RotatedRegion | undefined {
  const wide = { ...box, width: box.width * (1 + 2 * expand), height: box.height * (1 + 2 * expand) };
  const scale = Math.min(1, mostHeight / wide.height, mostWidth / wide.width);
  const [width, height] = [Math.round(wide.width * scale), Math.round(wide.height * scale)];
  return width >= leastSide && height >= leastSide ? { box: wide, width, height } : undefined;
}

/** Weights of pixels are parts of so many. */
const one = 1024;

/**
 * The pixels of a rotated box, upright and along its width, as a frame of its own; between pixels they are mixed, and beyond the
 * frame those of its edge go on. Throws an InputError for a frame that can't be read; jpeg must be decoded first.
 */
export function rotatedCrop(frame: Frame, { box, width, height }: RotatedRegion): Frame {
  const image = { ...frame, data: frame.pixels.data };
  checkImage(image);
  const add = pixelAdders[frame.encoding as keyof typeof pixelAdders];
  const data = new Uint8Array(width * height * 3);
  const sums = new Int32Array(3);
  const [mostX, mostY] = [frame.width - 1, frame.height - 1];
  // Steps of one pixel of the piece along its two sides, in pixels of the frame.
  const [cos, sin] = [Math.cos(box.angle), Math.sin(box.angle)];
  const [along, across] = [box.width / width, box.height / height];
  let to = 0;
  for (let row = 0; row < height; row++) {
    const v = (row + 0.5) * across - box.height / 2;
    for (let column = 0; column < width; column++) {
      const u = (column + 0.5) * along - box.width / 2;
      const x = Math.min(mostX, Math.max(0, box.cx + u * cos - v * sin - 0.5));
      const y = Math.min(mostY, Math.max(0, box.cy + u * sin + v * cos - 0.5));
      const [x0, y0] = [Math.floor(x), Math.floor(y)];
      const [wx, wy] = [Math.round((x - x0) * 32), Math.round((y - y0) * 32)];
      sums.fill(one / 2);
      const [x1, y1] = [Math.min(x0 + 1, mostX), Math.min(y0 + 1, mostY)];
      add(image, x0, y0, (32 - wx) * (32 - wy), sums);
      add(image, x1, y0, wx * (32 - wy), sums);
      add(image, x0, y1, (32 - wx) * wy, sums);
      add(image, x1, y1, wx * wy, sums);
      data[to] = sums[0]! >> 10;
      data[to + 1] = sums[1]! >> 10;
      data[to + 2] = sums[2]! >> 10;
      to += 3;
    }
  }
  const encoding = frame.encoding === 'bgr8' ? 'bgr8' : 'rgb8';
  return { ...frame, width, height, step: width * 3, encoding, pixels: { data, release: () => {} } };
}
