import sharp, { type Sharp } from 'sharp';
import type { Box, Frame, Image, Point } from '../../perception/index.ts';
import { pipelineOf } from './encode.ts';
import { blackOf } from './masks.ts';
import { patchesOf } from './patches.ts';

const quality = 85;

type Masks = readonly (readonly Point[])[];

/**
 * A JPEG of a frame in its own size, with each of these boxes turned into a few coloured squares, and masks black. The
 * pixels are copied before it returns; the rest happens in other threads.
 */
export async function encodeHidden(
  frame: Frame,
  hidden: readonly Box[],
  masks: Masks = [],
): Promise<Uint8Array> {
  const { width, height, step, encoding, pixels } = frame;
  const copy: Image = { width, height, step, encoding, data: pixels.data.slice() };
  const { raw, shape, patches } = await patched(await pipelineOf(copy), hidden, masks);
  return sharp(raw, { raw: shape }).composite(patches).jpeg({ quality }).toBuffer();
}

/** The same as rgb8 pixels without padding, of an image whose pixels must not change until it resolves. */
export async function hideBoxes(image: Image, hidden: readonly Box[], masks: Masks = []): Promise<Image> {
  const colours = (await pipelineOf(image)).toColourspace('srgb').removeAlpha();
  const { raw, shape, patches } = await patched(colours, hidden, masks);
  const { width, height } = shape;
  const data = await sharp(raw, { raw: shape }).composite(patches).removeAlpha().raw().toBuffer();
  return { width, height, step: 3 * width, encoding: 'rgb8', data };
}

async function patched(picture: Sharp, hidden: readonly Box[], masks: Masks) {
  const { data: raw, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const shape = { width: info.width, height: info.height, channels: info.channels };
  // A JPEG's header may lie; boxes are in pixels of the frame.
  return { raw, shape, patches: [...(await patchesOf(raw, shape, hidden)), ...blackOf(shape, masks)] };
}
