import sharp from 'sharp';
import type { Box, Frame, Image } from '../../perception/index.ts';
import { pipelineOf } from './encode.ts';
import { patchesOf } from './patches.ts';

const quality = 85;

/**
 * A JPEG of a frame in its own size, with each of these boxes turned into a few coloured squares. The pixels are copied
 * before it returns; the rest happens in other threads.
 */
export async function encodeHidden(frame: Frame, hidden: readonly Box[]): Promise<Uint8Array> {
  const { width, height, step, encoding, pixels } = frame;
  const copy: Image = { width, height, step, encoding, data: pixels.data.slice() };
  const { data: raw, info } = await (await pipelineOf(copy)).raw().toBuffer({ resolveWithObject: true });
  const shape = { width: info.width, height: info.height, channels: info.channels };
  // A JPEG's header may lie; boxes are in pixels of the frame.
  const patches = await patchesOf(raw, shape, hidden);
  return sharp(raw, { raw: shape }).composite(patches).jpeg({ quality }).toBuffer();
}
