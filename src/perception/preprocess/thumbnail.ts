import { InputError } from '../../base/index.ts';
import { checkImage, type Image } from './image.ts';
import { leastThumbnailWidth, thumbnailCells } from './thumbnail-grid.ts';
import { type Samples, sampleLuma, samplePacked } from './thumbnail-sampling.ts';

/** What the health of a sensor is judged by: one small picture and a few sums of a frame. */
export interface Thumbnail {
  /** Mean luma of every cell, 0..255, row by row, `thumbnailWidth` x `thumbnailHeight`. */
  readonly grey: Uint8Array;
  /**
   * Mean |g(x-1) - 2 g(x) + g(x+1)| of every cell at the frame's own resolution, times `detailScale`, at most 255.
   * Fine detail and noise are lost in a small picture, so they are measured before it is made small.
   */
  readonly detail: Uint8Array;
  /** Mean colour, 0..1. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** Mean of (largest - smallest channel), 0..1. */
  readonly chroma: number;
  /** Of the sampled bytes, noise included: two pictures of a living sensor do not have the same. */
  readonly hash: number;
}

/**
 * Samples four places of every cell, whatever the size of the frame; some 0.1 ms, so detectors do it in a thread of
 * theirs. The native one gives the same (native/src/preprocess/thumbnail.cc). Throws an InputError for a frame that
 * can't be read, jpeg among them.
 */
export function thumbnail(image: Image): Thumbnail {
  checkImage(image);
  if (image.width < leastThumbnailWidth) {
    throw new InputError(
      'frame-size',
      `The frame is ${image.width} pixels wide.`,
      `At least ${leastThumbnailWidth} are needed.`,
    );
  }
  const packed = image.encoding === 'rgb8' || image.encoding === 'bgr8';
  return scaled(packed ? samplePacked(image) : sampleLuma(image));
}

const sums = 6;
/** What native code writes: `grey` and `detail`; then as float64 the sums of `Samples` in their order, and 1. */
export const packedThumbnailBytes = 2 * thumbnailCells + 8 * sums;

/** Reads what native code wrote into zeros; keeps the buffer. Undefined where it wrote nothing: no pixel could be read. */
export function unpackThumbnail(packed: Uint8Array): Thumbnail | undefined {
  const at = 2 * thumbnailCells;
  const [red, green, blue, spread, hash, written] = new Float64Array(
    packed.buffer,
    packed.byteOffset + at,
    sums,
  ) as unknown as [number, number, number, number, number, number];
  if (written !== 1) return undefined;
  const grey = packed.subarray(0, thumbnailCells);
  return scaled({ grey, detail: packed.subarray(thumbnailCells, at), red, green, blue, spread, hash });
}

function scaled({ grey, detail, red, green, blue, spread, hash }: Samples): Thumbnail {
  const scale = 1 / (255 * 4 * thumbnailCells);
  return {
    grey,
    detail,
    red: red * scale,
    green: green * scale,
    blue: blue * scale,
    chroma: spread * scale,
    hash,
  };
}
