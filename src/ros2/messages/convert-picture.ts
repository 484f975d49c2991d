import { convertBayer } from './bayer.ts';

/** Encodings of cameras that no preprocessor reads, by what they become. `...16be`: the same of a big-endian message. */
export const rawEncodings = {
  rgba8: 'rgb8',
  bgra8: 'bgr8',
  uyvy: 'yuyv',
  nv21: 'nv12',
  mono16: 'mono8',
  mono16be: 'mono8',
  bayer_rggb8: 'rgb8',
  bayer_bggr8: 'rgb8',
  bayer_gbrg8: 'rgb8',
  bayer_grbg8: 'rgb8',
  bayer_rggb16: 'rgb8',
  bayer_bggr16: 'rgb8',
  bayer_gbrg16: 'rgb8',
  bayer_grbg16: 'rgb8',
  bayer_rggb16be: 'rgb8',
  bayer_bggr16be: 'rgb8',
  bayer_gbrg16be: 'rgb8',
  bayer_grbg16be: 'rgb8',
} as const;
export type RawEncoding = keyof typeof rawEncodings;

/** Its header fits its data: `checkPicture` has looked. */
export interface RawPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Bytes from one row to the next. */
  readonly step: number;
  readonly encoding: RawEncoding;
}

/** Fills `out` with the picture in the encoding that `rawEncodings` names, without padding. */
export type ConvertPicture = (picture: RawPicture, out: Uint8Array) => void;

/**
 * The same on another thread. `pieces`: what a message that came in pieces is read by; its data is filled there too. Until it
 * settles nobody may give either buffer back.
 */
export type ConvertPictureAside = (
  picture: RawPicture,
  out: Uint8Array,
  pieces: object | undefined,
) => Promise<void>;

const targetBytes = { rgb8: 3, bgr8: 3, yuyv: 2, nv12: 1, mono8: 1 } as const;

/** Of the converted picture. */
export function convertedStep(encoding: RawEncoding, width: number): number {
  return width * targetBytes[rawEncodings[encoding]];
}

export function convertedBytes(encoding: RawEncoding, width: number, height: number): number {
  const step = convertedStep(encoding, width);
  return step * height + (encoding === 'nv21' ? (step * height) / 2 : 0);
}

/** What the native kernels are compared with, and used where there are none. */
export const convertPicture: ConvertPicture = (picture, out) => {
  switch (picture.encoding) {
    case 'rgba8':
    case 'bgra8':
      return dropAlpha(picture, out);
    case 'uyvy':
      return exchangePairs(picture, out, 0, picture.height, picture.width * 2);
    case 'nv21':
      copyRows(picture, out);
      return exchangePairs(picture, out, picture.height, picture.height / 2, picture.width);
    case 'mono16':
      return highBytes(picture, out, 1);
    case 'mono16be':
      return highBytes(picture, out, 0);
    default:
      return mosaic(picture, picture.encoding, out);
  }
};

type MosaicEncoding = Extract<RawEncoding, `bayer_${string}`>;

/** Of more than eight bits the high byte of each place. */
function mosaic(picture: RawPicture, encoding: MosaicEncoding, out: Uint8Array): void {
  const redX = /^bayer_(?:rggb|gbrg)/.test(encoding) ? 0 : 1;
  const redY = /^bayer_(?:rggb|grbg)/.test(encoding) ? 0 : 1;
  if (encoding.endsWith('8')) {
    convertBayer(picture, redX, redY, out);
    return;
  }
  const { width, height } = picture;
  const data = new Uint8Array(width * height);
  highBytes(picture, data, encoding.endsWith('be') ? 0 : 1);
  convertBayer({ data, width, height, step: width }, redX, redY, out);
}

function dropAlpha({ data, width, height, step }: RawPicture, out: Uint8Array): void {
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let from = y * step, end = from + width * 4; from < end; from += 4, to += 3) {
      out[to] = data[from]!;
      out[to + 1] = data[from + 1]!;
      out[to + 2] = data[from + 2]!;
    }
  }
}

/** Each two neighbouring bytes change places, in `rows` rows from `first` on. */
function exchangePairs(
  { data, step }: RawPicture,
  out: Uint8Array,
  first: number,
  rows: number,
  rowBytes: number,
): void {
  let to = first * rowBytes;
  for (let y = first; y < first + rows; y++) {
    for (let from = y * step, end = from + rowBytes; from < end; from += 2, to += 2) {
      out[to] = data[from + 1]!;
      out[to + 1] = data[from]!;
    }
  }
}

/** The luma plane. */
function copyRows({ data, width, height, step }: RawPicture, out: Uint8Array): void {
  for (let y = 0; y < height; y++) out.set(data.subarray(y * step, y * step + width), y * width);
}

function highBytes({ data, width, height, step }: RawPicture, out: Uint8Array, high: 0 | 1): void {
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let from = y * step + high, end = from + width * 2; from < end; from += 2) out[to++] = data[from]!;
  }
}
