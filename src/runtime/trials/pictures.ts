import type { Image } from '../../perception/index.ts';
import { createStreet } from '../../simulation/index.ts';

const width = 1280;
const height = 720;

/** Of the simulated street: the same on every machine and for every model, so that figures can be laid side by side. */
export function streetPictures(count: number): readonly Image[] {
  const street = createStreet({ seed: 7, width, height });
  return Array.from({ length: count }, (_, index) => ({
    data: street.render(index * 2, new Uint8Array(width * height * 3)).pixels,
    width,
    height,
    step: width * 3,
    encoding: 'rgb8' as const,
  }));
}
