import sharp from 'sharp';
import type { Image } from '../../perception/index.ts';
import { decodeSeconds, maxPixels } from './limits.ts';

/** As much as is looked at for motion: three neighbours in each of 64 x 36 places. */
const [width, height] = [192, 108];

/** A small grey picture of a JPEG. The decoder leaves out what is not needed: an eighth of each side is the mean of each block. */
export async function jpegMiniature(bytes: Uint8Array): Promise<Image> {
  const data = await sharp(bytes, { limitInputPixels: maxPixels, ignoreIcc: true, sequentialRead: true })
    .resize(width, height, { fit: 'fill', kernel: 'nearest', fastShrinkOnLoad: true })
    .toColourspace('b-w')
    .raw({ depth: 'uchar' })
    .timeout({ seconds: decodeSeconds })
    .toBuffer();
  return { data, width, height, step: width, encoding: 'mono8' };
}
