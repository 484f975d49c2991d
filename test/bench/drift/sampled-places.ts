import type { Image } from '../../../src/perception/index.ts';

const columns = 128;
export const sampledWidth = columns * 3;
export const sampledHeight = 72;

/**
 * The places of an rgb8 frame that its thumbnail is made from, each with its neighbours left and right, as a small picture
 * of their own with the same thumbnail: hours of noise are added to those pixels alone.
 */
export function sampledPlaces({ data, width, height, step }: Image): Image {
  const sampled = new Uint8Array(sampledWidth * sampledHeight * 3);
  let to = 0;
  for (let row = 0; row < sampledHeight; row++) {
    const y = Math.floor(((row + 0.5) * height) / sampledHeight);
    for (let column = 0; column < columns; column++) {
      const middle = Math.floor(((column + 0.5) * width) / columns);
      const from = y * step + (Math.min(Math.max(middle, 1), width - 2) - 1) * 3;
      for (let i = 0; i < 9; i++) sampled[to++] = data[from + i]!;
    }
  }
  return {
    data: sampled,
    width: sampledWidth,
    height: sampledHeight,
    step: sampledWidth * 3,
    encoding: 'rgb8',
  };
}
