import { InputError } from '../../base/index.ts';
import { checkImage, type Image } from '../../perception/index.ts';
import { thumbnailCells } from './grid.ts';
import { sampleLuma, samplePacked } from './sampling.ts';

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
 * Samples four places of every cell, whatever the size of the frame; some 0.05 ms. Throws an InputError for a frame that
 * can't be read, jpeg among them.
 */
export function thumbnail(image: Image): Thumbnail {
  checkImage(image);
  if (image.width < 3) {
    throw new InputError('frame-size', `The frame is ${image.width} pixels wide.`, 'At least 3 are needed.');
  }
  const packed = image.encoding === 'rgb8' || image.encoding === 'bgr8';
  const { grey, detail, first, second, third, spread, hash } = packed
    ? samplePacked(image)
    : sampleLuma(image);
  const scale = 1 / (255 * 4 * thumbnailCells);
  const [red, blue] = image.encoding === 'bgr8' ? [third, first] : [first, third];
  return {
    grey,
    detail,
    red: red * scale,
    green: second * scale,
    blue: blue * scale,
    chroma: spread * scale,
    hash,
  };
}
