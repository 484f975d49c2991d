import type { Pixels } from '../../perception/index.ts';
import { type ConvertPicture, convertedBytes, type RawPicture } from '../../ros2/index.ts';
import type { Spares } from './spares.ts';

/**
 * Pixels that are converted when somebody reads them: a frame that gives way to a newer one costs nothing. `gather` fills the
 * picture's data where it came in pieces.
 */
export function convertedPixels(
  raw: RawPicture,
  convert: ConvertPicture,
  spares: Spares,
  gather: () => void,
  release: () => void,
): Pixels {
  let converted: Uint8Array | undefined;
  return {
    get data() {
      if (converted === undefined) {
        gather();
        converted = spares.take(convertedBytes(raw.encoding, raw.width, raw.height));
        convert(raw, converted);
      }
      return converted;
    },
    release() {
      if (converted !== undefined) spares.give(converted);
      release();
    },
  };
}
