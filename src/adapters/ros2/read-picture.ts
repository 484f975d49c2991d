import { InputError } from '../../base/index.ts';
import { maxImageSide } from '../../perception/index.ts';
import { checkCompressedPicture, checkPicture, readCompressedImage, readImage } from '../../ros2/index.ts';

/** Pixels that a compressed picture may unpack to. */
const maxPixels = 100_000_000;

/** Header, pixels and layout of a picture's message. Throws where they don't fit each other. */
export function readPicture(bytes: Uint8Array, compressed: boolean, maxBytes: number) {
  const limits = { maxBytes, maxString: 4096, maxElements: 1 };
  if (!compressed) {
    const message = readImage(bytes, limits);
    return { ...message, picture: checkPicture(message) };
  }
  const message = readCompressedImage(bytes, limits);
  const size = checkCompressedPicture(message);
  // What it unpacks to is not said by the length of the message.
  if (size.width > maxImageSide || size.height > maxImageSide || size.width * size.height > maxPixels) {
    throw new InputError(
      'ros-image-size',
      `A compressed image says that it is ${size.width}x${size.height}; at most ${maxPixels / 1e6} million pixels are read.`,
      'Let the camera publish smaller pictures.',
    );
  }
  return { ...message, picture: { ...size, step: 0, encoding: 'jpeg' as const } };
}
