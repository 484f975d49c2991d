import { InputError } from '../../base/index.ts';
import type { Encoding } from '../frame.ts';

/** The part of a frame that the preprocessors read; `data` may be longer than the picture. */
export interface Image {
  readonly data: Uint8Array;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Bytes from one row to the next (of the luma plane for nv12). */
  readonly step: number;
  readonly encoding: Encoding;
}

/** Larger pictures are refused: 16384 x 16384 in rgb8 is 805 MB, more than a device has to spare. */
export const maxImageSide = 16_384;

const bytesPerPixel = { rgb8: 3, bgr8: 3, mono8: 1, nv12: 1, yuyv: 2 } as const;

/**
 * Throws an InputError that names the fault unless the header of the image is sane and its buffer holds every byte
 * that the header promises. A driver that lies here would otherwise make native code read past the buffer.
 */
export function checkImage(image: Image): void {
  const { data, width, height, step, encoding } = image;
  const size = `${width}x${height} ${encoding}`;
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 1) {
      throw new InputError(
        'frame-size',
        `The frame says it is ${size}; both sides must be whole numbers of at least 1 pixel.`,
        'Check the camera driver or the file: it delivered an empty picture.',
      );
    }
    if (side > maxImageSide) {
      throw new InputError(
        'frame-size',
        `The frame is ${size}; the largest side that is read is ${maxImageSide} pixels.`,
        'Let the camera or the converter deliver a smaller picture.',
      );
    }
  }
  if (encoding === 'jpeg') {
    throw new InputError(
      'frame-encoding',
      'The frame is still compressed as jpeg.',
      'Decode it to rgb8 before it is preprocessed.',
    );
  }
  const perPixel = bytesPerPixel[encoding];
  if (perPixel === undefined) {
    throw new InputError(
      'frame-encoding',
      `The encoding "${String(encoding)}" is not known.`,
      `Use one of ${Object.keys(bytesPerPixel).join(', ')} or jpeg.`,
    );
  }
  // Chroma is shared by two pixels across (and two rows in nv12): half a sample cannot be addressed.
  if ((encoding === 'nv12' || encoding === 'yuyv') && width % 2 === 1) {
    throw new InputError('frame-size', `The frame is ${size}; its width must be even.`, evenRemedy);
  }
  if (encoding === 'nv12' && height % 2 === 1) {
    throw new InputError('frame-size', `The frame is ${size}; its height must be even.`, evenRemedy);
  }
  const row = width * perPixel;
  if (!Number.isInteger(step) || step < row) {
    throw new InputError(
      'frame-step',
      `The frame is ${size} with ${step} bytes per row, but one row needs ${row} bytes.`,
      'Check the step field of the driver; it counts bytes, not pixels.',
    );
  }
  const rows = encoding === 'nv12' ? height + height / 2 : height;
  // The last row need not be padded to the full step.
  const needed = step * (rows - 1) + row;
  if (data.length < needed) {
    throw new InputError(
      'frame-short',
      `The frame is ${size} with ${step} bytes per row and needs ${needed} bytes, but its buffer holds ${data.length}.`,
      'The picture was cut off on its way; check the driver, the transport and the message size limits.',
    );
  }
}

const evenRemedy =
  'Crop the picture to even sides; this encoding shares its colour between neighbouring pixels.';
