import type { Image } from './image.ts';

/** Places that a look at a sensor takes of a frame: two per cell of 64 x 36, each with its neighbours left and right. */
const columns = 128;
export const lookWidth = columns * 3;
export const lookHeight = 72;
/** A narrower picture has no neighbours. */
export const leastLookWidth = 3;

/**
 * The sampled places of an rgb8 frame as a small picture of their own. Sampling that gives what sampling the frame gives;
 * it is for frames that only the detector has decoded, whose pixels never come back. The native detector has the same
 * (native/src/preprocess/look.cc). Undefined for a frame that is too narrow.
 */
export function lookAt({ data, width, height, step }: Image): Image | undefined {
  if (width < leastLookWidth) return undefined;
  const look = new Uint8Array(lookWidth * lookHeight * 3);
  let to = 0;
  for (let row = 0; row < lookHeight; row++) {
    const y = Math.floor(((row + 0.5) * height) / lookHeight);
    for (let column = 0; column < columns; column++) {
      const middle = Math.floor(((column + 0.5) * width) / columns);
      const from = y * step + (Math.min(Math.max(middle, 1), width - 2) - 1) * 3;
      for (let i = 0; i < 9; i++) look[to++] = data[from + i]!;
    }
  }
  return imageOfLook(look);
}

export function imageOfLook(data: Uint8Array): Image {
  return { data, width: lookWidth, height: lookHeight, step: lookWidth * 3, encoding: 'rgb8' };
}
