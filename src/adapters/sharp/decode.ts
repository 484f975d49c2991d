import sharp from 'sharp';
import { defined, describeError, InputError, LimitError } from '../../base/index.ts';
import type { Image } from '../../perception/index.ts';
import { pictureFormat } from './format.ts';
import { decodeSeconds, maxImageSide, maxPixels } from './limits.ts';

/** A decoded picture: rgb8 without padding between rows. */
export type Picture = Image & { readonly encoding: 'rgb8' };

/**
 * Decodes a JPEG, PNG, WebP, GIF or TIFF to rgb8. Gray, palette, CMYK and 16-bit pictures become 8-bit sRGB, transparency is
 * laid on black, of an animation the first frame is read.
 *
 * The EXIF orientation is applied, as `cv2.imread` and every common training loader (Ultralytics, MMDetection,
 * torchvision after `exif_transpose`) do, so labels fit the picture as people see it.
 *
 * `name` is the file's name for messages.
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<Picture> {
  if (bytes.length === 0) throw broken(name, 'the file is empty');
  const format = pictureFormat(bytes);
  if (format === undefined) throw broken(name, notRead);
  // The header alone is read here, without a limit, so that the message can name the size.
  const { width, height, ...header } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw explain(name, error);
    });
  // The library looks for itself, and further than at the first bytes.
  if (header.format !== format) throw broken(name, notRead);
  if (width > maxImageSide || height > maxImageSide || width * height > maxPixels) {
    throw tooLarge(name, `${width}x${height}`);
  }
  try {
    const { data, info } = await sharp(bytes, {
      limitInputPixels: maxPixels,
      failOn: 'truncated',
      sequentialRead: true,
      // Embedded colour profiles are left alone, as cv2.imread and the loaders that models are trained with do.
      ignoreIcc: true,
    })
      .autoOrient()
      .toColourspace('srgb')
      .flatten({ background: '#000' })
      .raw({ depth: 'uchar' })
      .timeout({ seconds: decodeSeconds })
      .toBuffer({ resolveWithObject: true });
    return {
      data: info.channels === 3 ? data : threeChannels(data, info.channels),
      width: info.width,
      height: info.height,
      step: info.width * 3,
      encoding: 'rgb8',
    };
  } catch (error) {
    throw explain(name, error);
  }
}

/** A gray picture comes back from sharp with one channel, one with leftover alpha with two or four. */
function threeChannels(data: Uint8Array, channels: number): Uint8Array {
  const pixels = data.length / channels;
  const out = new Uint8Array(pixels * 3);
  const colour = channels >= 3;
  for (let index = 0; index < pixels; index += 1) {
    const from = index * channels;
    out[index * 3] = data[from] ?? 0;
    out[index * 3 + 1] = data[colour ? from + 1 : from] ?? 0;
    out[index * 3 + 2] = data[colour ? from + 2 : from] ?? 0;
  }
  return out;
}

const notRead = 'it is not a picture format that is read';

function explain(name: string, error: unknown): InputError {
  const said = describeError(error);
  if (/unsupported image format/i.test(said)) return broken(name, notRead, error);
  if (/^timeout/i.test(said)) return broken(name, `it takes longer than ${decodeSeconds} s to decode`, error);
  if (/premature end|truncat|end of (stream|file)|unexpected end|VipsJpeg|read error/i.test(said)) {
    return broken(name, `its data is cut short or damaged (${firstLine(said)})`, error);
  }
  return broken(name, firstLine(said), error);
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').trim();
}

function broken(name: string, why: string, cause?: unknown): InputError {
  return new InputError(
    'picture-broken',
    `${name} can't be read as a picture: ${why}.`,
    'Copy the file again, or remove it from the folder. Goshawk reads JPEG, PNG, WebP, GIF and TIFF.',
    defined({ cause }),
  );
}

function tooLarge(name: string, size: string): LimitError {
  return new LimitError(
    'picture-too-large',
    `${name} is ${size}; at most ${maxImageSide} pixels a side and ${maxPixels / 1e6} million pixels are read.`,
    'Scale the picture down first.',
  );
}
