import type { Image } from './image.ts';

/** Places of a frame that the health of its sensor is read from: two per cell of 64 x 36, each with its neighbours left and right. */
const columns = 128;
export const sampledWidth = columns * 3;
export const sampledHeight = 72;
/** A narrower picture has no neighbours. */
export const leastSampledWidth = 3;

/**
 * The sampled places of an rgb8 frame as a small picture of their own. Sampling that gives what sampling the frame gives;
 * it is for frames that only the detector has decoded, whose pixels never come back. The native detector has the same
 * (native/src/preprocess/sampled_thumbnail.cc). Undefined for a frame that is too narrow.
 */
export function sampleThumbnail({ data, width, height, step }: Image): Image | undefined {
  if (width < leastSampledWidth) return undefined;
  const thumbnail = new Uint8Array(sampledWidth * sampledHeight * 3);
  let to = 0;
  for (let row = 0; row < sampledHeight; row++) {
    const y = Math.floor(((row + 0.5) * height) / sampledHeight);
    for (let column = 0; column < columns; column++) {
      const middle = Math.floor(((column + 0.5) * width) / columns);
      const from = y * step + (Math.min(Math.max(middle, 1), width - 2) - 1) * 3;
      for (let i = 0; i < 9; i++) thumbnail[to++] = data[from + i]!;
    }
  }
  return thumbnailImage(thumbnail);
}

export function thumbnailImage(data: Uint8Array): Image {
  return { data, width: sampledWidth, height: sampledHeight, step: sampledWidth * 3, encoding: 'rgb8' };
}
