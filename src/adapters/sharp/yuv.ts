import { checkImage, type Image } from '../../perception/index.ts';

/** Pixels that are turned at a time: less than a millisecond. */
const pixelsAtOnce = 65_536;

/**
 * rgb8 of an nv12 or yuyv frame (BT.601, limited range), in steps that leave the event loop free in between: a library for
 * pictures does not read these. The pixels must not change until it resolves.
 */
export async function rgbOfYuv(image: Image): Promise<Image> {
  checkImage(image);
  const { width, height } = image;
  const data = new Uint8Array(width * height * 3);
  const rows = Math.max(1, Math.floor(pixelsAtOnce / width));
  const turn = image.encoding === 'nv12' ? turnNv12 : turnYuyv;
  for (let y = 0; y < height; y += rows) {
    if (y > 0) await new Promise((resolve) => setImmediate(resolve));
    turn(image, data, y, Math.min(height, y + rows));
  }
  return { data, width, height, step: width * 3, encoding: 'rgb8' };
}

function turnNv12({ data, width, height, step }: Image, out: Uint8Array, from: number, to: number): void {
  for (let y = from, at = from * width * 3; y < to; y++) {
    const luma = y * step;
    const colour = (height + (y >> 1)) * step;
    for (let x = 0; x < width; x++, at += 3) {
      const pair = colour + (x & ~1);
      write(out, at, data[luma + x]!, data[pair]!, data[pair + 1]!);
    }
  }
}

function turnYuyv({ data, width, step }: Image, out: Uint8Array, from: number, to: number): void {
  for (let y = from, at = from * width * 3; y < to; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const pair = y * step + (x >> 1) * 4;
      write(out, at, data[pair + (x & 1) * 2]!, data[pair + 1]!, data[pair + 3]!);
    }
  }
}

/** In 256ths. */
function write(out: Uint8Array, at: number, y: number, u: number, v: number): void {
  const base = 298 * (y - 16) + 128;
  out[at] = clip((base + 409 * (v - 128)) >> 8);
  out[at + 1] = clip((base - 208 * (v - 128) - 100 * (u - 128)) >> 8);
  out[at + 2] = clip((base + 517 * (u - 128)) >> 8);
}

function clip(value: number): number {
  return Math.min(255, Math.max(0, value));
}
