import sharp, { type Sharp } from 'sharp';
import { InputError } from '../../base/index.ts';
import type { Image } from '../../perception/index.ts';
import { pictureFormat } from './format.ts';
import { decodeSeconds, maxPixels } from './limits.ts';

export interface PreviewOptions {
  /** Pixels; a narrower picture is not enlarged. */
  readonly maxWidth: number;
  /** 1..100, default 75. */
  readonly quality?: number;
}

/** A small JPEG of a frame (rgb8, bgr8, mono8 or jpeg) for a person to look at. */
export async function encodePreview(image: Image, options: PreviewOptions): Promise<Uint8Array> {
  return pipelineOf(image)
    .resize({ width: options.maxWidth, withoutEnlargement: true, kernel: 'linear' })
    .jpeg({ quality: options.quality ?? 75 })
    .toBuffer();
}

/** The picture as a sharp pipeline. bgr8 is copied once with its channels exchanged. */
export function pipelineOf(image: Image): Sharp {
  const { data, width, height, step, encoding } = image;
  if (encoding === 'jpeg') {
    if (pictureFormat(data) !== 'jpeg') {
      throw new InputError(
        'picture-broken',
        'A compressed frame is no JPEG.',
        'Let the camera deliver rgb8 or jpeg if pictures are wanted.',
      );
    }
    return sharp(data, { limitInputPixels: maxPixels }).timeout({ seconds: decodeSeconds });
  }
  if (encoding !== 'rgb8' && encoding !== 'bgr8' && encoding !== 'mono8') {
    throw new InputError(
      'picture-encoding',
      `A frame in ${encoding} can't be shown yet; rgb8, bgr8, mono8 and jpeg can.`,
      'Let the camera deliver rgb8 or jpeg if pictures are wanted.',
    );
  }
  const channels = encoding === 'mono8' ? 1 : 3;
  const rows = step === width * channels ? data : withoutPadding(image, channels);
  const pixels =
    encoding === 'bgr8' ? exchanged(rows, width * height) : rows.subarray(0, width * height * channels);
  return sharp(pixels, { raw: { width, height, channels } });
}

function withoutPadding({ data, width, height, step }: Image, channels: number): Uint8Array {
  const row = width * channels;
  const out = new Uint8Array(row * height);
  for (let y = 0; y < height; y += 1) out.set(data.subarray(y * step, y * step + row), y * row);
  return out;
}

function exchanged(data: Uint8Array, pixels: number): Uint8Array {
  const out = new Uint8Array(pixels * 3);
  for (let at = 0; at < pixels * 3; at += 3) {
    out[at] = data[at + 2] ?? 0;
    out[at + 1] = data[at + 1] ?? 0;
    out[at + 2] = data[at] ?? 0;
  }
  return out;
}
