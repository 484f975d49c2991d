import { maxImageSide } from '../../perception/index.ts';

/** Pixels of one picture; a larger one is refused before it is decoded (a 20,000 x 20,000 PNG of one colour is 1 MB). */
export const maxPixels = 100_000_000;
/** The library gives up on a picture that takes longer to decode; the largest that is read takes about 2 s on a slow board. */
export const decodeSeconds = 20;
export { maxImageSide };
