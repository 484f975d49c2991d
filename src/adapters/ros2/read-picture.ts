import { defined, InputError } from '../../base/index.ts';
import { maxImageSide } from '../../perception/index.ts';
import {
  type CompressedImageMessage,
  checkCompressedPicture,
  checkPicture,
  type Header,
  type PictureEncoding,
  pngSize,
  type RawPicture,
  readCompressedImage,
  readImage,
} from '../../ros2/index.ts';

/** Pixels that a compressed picture may unpack to. */
const maxPixels = 100_000_000;

export interface ReadPicture {
  readonly header: Header;
  readonly data: Uint8Array;
  readonly picture: {
    readonly width: number;
    readonly height: number;
    readonly step: number;
    readonly encoding: PictureEncoding;
  };
  /** What is to be converted to become `picture`. */
  readonly raw?: RawPicture;
  /** `data` is a PNG, which is to be decoded to become a picture. */
  readonly png?: boolean;
}

/** Header, pixels and layout of a picture's message. Throws where they don't fit each other. */
export function readPicture(bytes: Uint8Array, compressed: boolean, maxBytes: number): ReadPicture {
  const limits = { maxBytes, maxString: 4096, maxElements: 1 };
  if (!compressed) {
    const message = readImage(bytes, limits);
    const { raw, ...picture } = checkPicture(message);
    return { header: message.header, data: message.data, picture, ...defined({ raw }) };
  }
  const message = readCompressedImage(bytes, limits);
  const { header, data } = message;
  const png = pngSize(data);
  const size = checkedSize(message, png);
  if (png !== undefined) {
    return { header, data, picture: { ...size, step: size.width * 3, encoding: 'rgb8' }, png: true };
  }
  return { header, data, picture: { ...size, step: 0, encoding: 'jpeg' } };
}

function checkedSize(message: CompressedImageMessage, png: ReturnType<typeof pngSize>) {
  const size = png ?? checkCompressedPicture(message);
  // What it unpacks to is not said by the length of the message.
  if (size.width > maxImageSide || size.height > maxImageSide || size.width * size.height > maxPixels) {
    throw new InputError(
      'ros-image-size',
      `A compressed image says that it is ${size.width}x${size.height}; at most ${maxPixels / 1e6} million pixels are read.`,
      'Let the camera publish smaller pictures.',
    );
  }
  return size;
}
