import sharp from 'sharp';
import type { Box, Frame, Image } from '../../perception/index.ts';
import { pipelineOf } from './encode.ts';
import { rgbOfYuv } from './yuv.ts';

const quality = 85;
/** Squares along the longer side of what is hidden: enough to see that somebody stands there, and no more. */
const squares = 6;

/**
 * A JPEG of a frame in its own size, with each of these boxes turned into a few coloured squares. The pixels are copied
 * before it returns; the rest happens in other threads. Throws an InputError for an encoding that can't be shown.
 */
export async function encodeHidden(frame: Frame, hidden: readonly Box[]): Promise<Uint8Array> {
  const { width, height, step, encoding, pixels } = frame;
  const copy: Image = { width, height, step, encoding, data: pixels.data.slice() };
  const image = encoding === 'nv12' || encoding === 'yuyv' ? await rgbOfYuv(copy) : copy;
  const { data: raw, info } = await pipelineOf(image).raw().toBuffer({ resolveWithObject: true });
  const shape = { width: info.width, height: info.height, channels: info.channels };
  // A JPEG's header may lie; boxes are in pixels of the frame.
  const patches = await Promise.all(
    hidden.map(async (box) => {
      const left = clamp(Math.floor(box.x1), 0, info.width - 1);
      const top = clamp(Math.floor(box.y1), 0, info.height - 1);
      const size = {
        width: clamp(Math.ceil(box.x2) - left, 1, info.width - left),
        height: clamp(Math.ceil(box.y2) - top, 1, info.height - top),
      };
      const scale = squares / Math.max(size.width, size.height);
      const small = await sharp(raw, { raw: shape })
        .extract({ left, top, ...size })
        .resize({
          width: Math.max(1, Math.round(size.width * scale)),
          height: Math.max(1, Math.round(size.height * scale)),
          fit: 'fill',
        })
        .png()
        .toBuffer();
      const input = await sharp(small)
        .resize({ ...size, fit: 'fill', kernel: 'nearest' })
        .png()
        .toBuffer();
      return { input, left, top };
    }),
  );
  return sharp(raw, { raw: shape }).composite(patches).jpeg({ quality }).toBuffer();
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Number.isFinite(value) ? value : low));
}
