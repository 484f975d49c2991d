import { checkImage, type Image } from './image.ts';

const columns = 64;
const rows = 36;
const cells = columns * rows;
/** Levels of 255 that a place must differ by: more than the noise of a camera at night. */
const leastLevels = 16;
/** How fast what stands still becomes part of the background: an eighth with every frame. */
const learning = 1 / 8;

/**
 * Sees whether something moves before a frame is worked on, in 2304 places of it: far less than a letterbox reads. A change of
 * light all over the picture is no motion.
 */
export class SceneChange {
  readonly #background = new Float32Array(cells);
  readonly #seen = new Float32Array(cells);
  #known = false;

  /** The share of the picture that changed, 0..1. 1 for the first frame, and for one whose pixels can't be read in place (jpeg). */
  look(image: Image): number {
    const seen = this.#seen;
    if (image.encoding === 'jpeg') return 1;
    sampleLuma(image, seen);
    const background = this.#background;
    if (!this.#known) {
      background.set(seen);
      this.#known = true;
      return 1;
    }
    let light = 0;
    for (let i = 0; i < cells; i++) light += seen[i]! - background[i]!;
    light /= cells;
    let changed = 0;
    for (let i = 0; i < cells; i++) {
      const difference = seen[i]! - background[i]!;
      if (Math.abs(difference - light) > leastLevels) changed += 1;
      background[i]! += difference * learning;
    }
    return changed / cells;
  }
}

/** The mean of three neighbours in the middle of each cell. Throws an InputError for a frame that can't be read. */
function sampleLuma(image: Image, out: Float32Array): void {
  const { width, height, step, encoding, data } = image;
  checkImage(image);
  const colour = encoding === 'rgb8' || encoding === 'bgr8';
  const perPixel = colour ? 3 : encoding === 'yuyv' ? 2 : 1;
  const neighbour = width >= 3 ? 1 : 0;
  let to = 0;
  for (let row = 0; row < rows; row++) {
    const line = Math.floor(((row + 0.5) * height) / rows) * step;
    for (let column = 0; column < columns; column++) {
      const middle = Math.floor(((column + 0.5) * width) / columns);
      const x = Math.min(Math.max(middle, neighbour), width - 1 - neighbour);
      let sum = 0;
      for (let i = x - neighbour; i <= x + neighbour; i++) {
        const at = line + i * perPixel;
        // The green channel stands for the light of a colour picture.
        sum += data[colour ? at + 1 : at]!;
      }
      out[to++] = sum / (2 * neighbour + 1);
    }
  }
}
