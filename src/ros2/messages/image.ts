import { InputError, jpegSize } from '../../base/index.ts';
import { type CdrLimits, CdrReader, defaultCdrLimits } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { convertedStep, type RawEncoding, type RawPicture, rawEncodings } from './convert-picture.ts';
import { type Header, readHeader, writeHeader } from './header.ts';

/** sensor_msgs/msg/Image. */
export interface ImageMessage {
  readonly header: Header;
  readonly height: number;
  readonly width: number;
  /** sensor_msgs/image_encodings.hpp, e.g. `rgb8`. */
  readonly encoding: string;
  readonly isBigendian: boolean;
  /** Bytes of one row. */
  readonly step: number;
  /** A view of the message where it was read. */
  readonly data: Uint8Array;
}

/** sensor_msgs/msg/CompressedImage. */
export interface CompressedImageMessage {
  readonly header: Header;
  /** `jpeg`, or as image_transport writes it: `rgb8; jpeg compressed bgr8`. */
  readonly format: string;
  readonly data: Uint8Array;
}

/** What a preprocessor reads; the words are those of the frames in perception. */
export type PictureEncoding = 'rgb8' | 'bgr8' | 'mono8' | 'nv12' | 'yuyv' | 'jpeg';

interface Layout {
  readonly encoding: PictureEncoding | RawEncoding;
  readonly bytesPerPixel: number;
  /** Rows of `step` bytes per row of the picture. */
  readonly rows: number;
}

/** Names of sensor_msgs/image_encodings.hpp, and those that camera drivers use for the same bytes. */
const layouts: Readonly<Record<string, Layout>> = {
  rgb8: { encoding: 'rgb8', bytesPerPixel: 3, rows: 1 },
  bgr8: { encoding: 'bgr8', bytesPerPixel: 3, rows: 1 },
  '8UC3': { encoding: 'bgr8', bytesPerPixel: 3, rows: 1 },
  mono8: { encoding: 'mono8', bytesPerPixel: 1, rows: 1 },
  '8UC1': { encoding: 'mono8', bytesPerPixel: 1, rows: 1 },
  yuv422_yuy2: { encoding: 'yuyv', bytesPerPixel: 2, rows: 1 },
  yuyv: { encoding: 'yuyv', bytesPerPixel: 2, rows: 1 },
  nv12: { encoding: 'nv12', bytesPerPixel: 1, rows: 1.5 },
  rgba8: { encoding: 'rgba8', bytesPerPixel: 4, rows: 1 },
  bgra8: { encoding: 'bgra8', bytesPerPixel: 4, rows: 1 },
  '8UC4': { encoding: 'bgra8', bytesPerPixel: 4, rows: 1 },
  yuv422: { encoding: 'uyvy', bytesPerPixel: 2, rows: 1 },
  uyvy: { encoding: 'uyvy', bytesPerPixel: 2, rows: 1 },
  nv21: { encoding: 'nv21', bytesPerPixel: 1, rows: 1.5 },
  mono16: { encoding: 'mono16', bytesPerPixel: 2, rows: 1 },
  '16UC1': { encoding: 'mono16', bytesPerPixel: 2, rows: 1 },
  bayer_rggb8: { encoding: 'bayer_rggb8', bytesPerPixel: 1, rows: 1 },
  bayer_bggr8: { encoding: 'bayer_bggr8', bytesPerPixel: 1, rows: 1 },
  bayer_gbrg8: { encoding: 'bayer_gbrg8', bytesPerPixel: 1, rows: 1 },
  bayer_grbg8: { encoding: 'bayer_grbg8', bytesPerPixel: 1, rows: 1 },
  bayer_rggb16: { encoding: 'bayer_rggb16', bytesPerPixel: 2, rows: 1 },
  bayer_bggr16: { encoding: 'bayer_bggr16', bytesPerPixel: 2, rows: 1 },
  bayer_gbrg16: { encoding: 'bayer_gbrg16', bytesPerPixel: 2, rows: 1 },
  bayer_grbg16: { encoding: 'bayer_grbg16', bytesPerPixel: 2, rows: 1 },
};

const maxSide = 16_384;

export function readImage(bytes: Uint8Array, limits: CdrLimits = defaultCdrLimits): ImageMessage {
  const reader = new CdrReader(bytes, 'sensor_msgs/msg/Image', limits);
  return {
    header: readHeader(reader),
    height: reader.uint32('height'),
    width: reader.uint32('width'),
    encoding: reader.string('encoding'),
    isBigendian: reader.boolean('is_bigendian'),
    step: reader.uint32('step'),
    data: reader.octets('data'),
  };
}

export function writeImage(writer: CdrWriter, image: ImageMessage): Uint8Array {
  writer.reset();
  writeHeader(writer, image.header);
  writer.uint32(image.height);
  writer.uint32(image.width);
  writer.string(image.encoding);
  writer.boolean(image.isBigendian);
  writer.uint32(image.step);
  writer.octets(image.data);
  return writer.finish();
}

export function readCompressedImage(
  bytes: Uint8Array,
  limits: CdrLimits = defaultCdrLimits,
): CompressedImageMessage {
  const reader = new CdrReader(bytes, 'sensor_msgs/msg/CompressedImage', limits);
  return { header: readHeader(reader), format: reader.string('format'), data: reader.octets('data') };
}

export function writeCompressedImage(writer: CdrWriter, image: CompressedImageMessage): Uint8Array {
  writer.reset();
  writeHeader(writer, image.header);
  writer.string(image.format);
  writer.octets(image.data);
  return writer.finish();
}

/** Size and layout of a picture that fits its data. */
export interface CheckedPicture {
  readonly encoding: PictureEncoding;
  readonly width: number;
  readonly height: number;
  readonly step: number;
  /** What is to be converted first: the layout above is that of the result. */
  readonly raw?: RawPicture;
}

/** Throws an InputError where header and data don't fit each other. */
export function checkPicture(image: ImageMessage): CheckedPicture {
  const { width, height, step, data } = image;
  const layout = Object.hasOwn(layouts, image.encoding) ? layouts[image.encoding] : undefined;
  if (layout === undefined) {
    throw new InputError(
      'ros-encoding',
      `The encoding "${image.encoding.slice(0, 40)}" of an image can't be read.`,
      `Publish one of ${Object.keys(layouts).join(', ')}; image_proc converts the others.`,
    );
  }
  if (width === 0 || height === 0 || data.length === 0) {
    throw new InputError(
      'ros-image-empty',
      `An image is empty: ${width} x ${height} pixels in ${data.length} bytes.`,
      'Check the camera driver.',
    );
  }
  if (width > maxSide || height > maxSide) {
    throw new InputError(
      'ros-image-size',
      `An image is ${width} x ${height} pixels; a side may have ${maxSide} at most.`,
      'Check the camera driver.',
    );
  }
  const { encoding, bytesPerPixel, rows } = layout;
  if (step < width * bytesPerPixel) {
    throw new InputError(
      'ros-image-size',
      `An image says ${step} bytes per row, but ${width} pixels of ${image.encoding} take ${width * bytesPerPixel}.`,
      'Check the camera driver.',
    );
  }
  if (sharesColour.has(encoding) && (width % 2 !== 0 || (rows !== 1 && height % 2 !== 0))) {
    throw new InputError(
      'ros-image-size',
      `An image of ${image.encoding} has an odd size, ${width} x ${height}.`,
      'Check the camera driver.',
    );
  }
  if (data.length !== step * height * rows) {
    throw new InputError(
      'ros-image-size',
      `An image of ${height} rows with ${step} bytes each has ${data.length} bytes instead of ${step * height * rows}.`,
      'Check the camera driver: step x height must be the length of data.',
    );
  }
  if (!isRaw(encoding)) return { encoding, width, height, step };
  if (encoding.startsWith('bayer') && (width < 2 || height < 2)) {
    throw new InputError(
      'ros-image-size',
      `An image of ${image.encoding} has ${width} x ${height} pixels; a mosaic of colours has at least 2 x 2.`,
      'Check the camera driver.',
    );
  }
  const raw = image.isBigendian ? highByteFirst(encoding) : encoding;
  return {
    ...{ encoding: rawEncodings[raw], width, height, step: convertedStep(raw, width) },
    raw: { data, width, height, step, encoding: raw },
  };
}

/** Two pixels have one colour. */
const sharesColour: ReadonlySet<string> = new Set(['nv12', 'nv21', 'yuyv', 'uyvy']);

function highByteFirst(encoding: RawEncoding): RawEncoding {
  const other = `${encoding}be`;
  return isRaw(other) ? other : encoding;
}

function isRaw(encoding: string): encoding is RawEncoding {
  return Object.hasOwn(rawEncodings, encoding);
}

/** Size in the header of a JPEG file; throws an InputError for other bytes. */
export function checkCompressedPicture(image: CompressedImageMessage): {
  readonly width: number;
  readonly height: number;
} {
  const { data } = image;
  if (data[0] !== 0xff || data[1] !== 0xd8) {
    throw new InputError(
      'ros-encoding',
      `A compressed image of format "${image.format.slice(0, 40)}" is no JPEG.`,
      'Let image_transport publish JPEG (format: jpeg).',
    );
  }
  const size = jpegSize(data);
  if (size !== undefined) return size;
  throw new InputError(
    'ros-image-size',
    'A compressed image has no size in its JPEG header.',
    'The picture was damaged on its way; check the camera.',
  );
}
