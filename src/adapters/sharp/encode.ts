import sharp, { type Sharp } from 'sharp';
import { InputError } from '../../base/index.ts';
import type { Box, Image, Point } from '../../perception/index.ts';
import { pictureFormat } from './format.ts';
import { decodeSeconds, maxPixels } from './limits.ts';
import { blackOf } from './masks.ts';
import { patchesOf } from './patches.ts';
import { rgbOfYuv } from './yuv.ts';

export interface PreviewOptions {
  /** Pixels; a narrower picture is not enlarged. */
  readonly maxWidth: number;
  /** 1..100, default 75. */
  readonly quality?: number;
  /** Turned into a few coloured squares each; in pixels of the image. */
  readonly hidden?: readonly Box[];
  /** Black, corners as parts of the image, 0..1. */
  readonly masks?: readonly (readonly Point[])[];
  /** Nothing of the image: a dark picture of its shape. */
  readonly flat?: boolean;
}

/** So wide is a picture in which nothing is seen. */
const flatWidth = 160;

/** A small JPEG of a frame for a person to look at. Its pixels must not change until it resolves. */
export async function encodePreview(image: Image, options: PreviewOptions): Promise<Uint8Array> {
  const { maxWidth, quality = 75, hidden = [], masks = [], flat = false } = options;
  if (flat) return flatPicture(image, maxWidth);
  const whole = await pipelineOf(image);
  const resized = whole.resize({ width: maxWidth, withoutEnlargement: true, kernel: 'linear' });
  if (hidden.length === 0 && masks.length === 0) return resized.jpeg({ quality }).toBuffer();
  const { data: raw, info } = await resized.raw().toBuffer({ resolveWithObject: true });
  const shape = { width: info.width, height: info.height, channels: info.channels };
  const [x, y] = [info.width / image.width, info.height / image.height];
  const boxes = hidden.map(({ x1, y1, x2, y2 }) => ({ x1: x1 * x, y1: y1 * y, x2: x2 * x, y2: y2 * y }));
  const patches = await patchesOf(raw, shape, boxes);
  return sharp(raw, { raw: shape })
    .composite([...patches, ...blackOf(shape, masks)])
    .jpeg({ quality })
    .toBuffer();
}

function flatPicture({ width, height }: Image, maxWidth: number): Promise<Uint8Array> {
  const shown = Math.max(1, Math.min(width, maxWidth, flatWidth));
  return sharp({
    create: {
      width: shown,
      height: Math.max(1, Math.round((shown * height) / width)),
      channels: 3,
      background: { r: 32, g: 36, b: 42 },
    },
  })
    .jpeg({ quality: 60 })
    .toBuffer();
}

/** The picture as a sharp pipeline. bgr8 is copied once with its channels exchanged, nv12 and yuyv are turned to rgb8. */
export async function pipelineOf(image: Image): Promise<Sharp> {
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
  if (encoding === 'nv12' || encoding === 'yuyv') return pipelineOf(await rgbOfYuv(image));
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
