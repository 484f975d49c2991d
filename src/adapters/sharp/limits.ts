import { maxImageSide } from '../../perception/index.ts';

/** Pixels of one picture; a larger one is refused before it is decoded (a 20,000 x 20,000 PNG of one colour is 1 MB). */
export const maxPixels = 100_000_000;
export { maxImageSide };
