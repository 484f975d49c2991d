import { InputError } from '../../base/index.ts';
import type { GoldenDetection, GoldenSet } from '../../model/index.ts';
import type { Detector } from '../ports.ts';
import { checkImage, type Image } from '../preprocess/image.ts';
import { detectGolden } from './golden.ts';

/** How a known picture is changed, so that what a model finds on it is known to nobody who did not run the model. */
export interface PictureChange {
  readonly mirrored: boolean;
  /** Pixels by which it is rolled: what leaves on one side comes in on the other. Modulo its sides. */
  readonly right: number;
  readonly down: number;
  /** Brightness, in 256ths. */
  readonly gain: number;
}

const bytesPerPixel: Partial<Record<Image['encoding'], number>> = { rgb8: 3, bgr8: 3, mono8: 1 };

/** In whole numbers, so that it is the same bytes on every machine. */
export function changePicture(image: Image, { mirrored, right, down, gain }: PictureChange): Image {
  checkImage(image);
  const { data, width, height, step, encoding } = image;
  const depth = bytesPerPixel[encoding];
  if (depth === undefined)
    throw new InputError(
      'frame-encoding',
      `A picture in ${encoding} cannot be changed for a challenge.`,
      'Make the golden set of pictures as JPEG or PNG.',
    );
  const changed = new Uint8Array(width * height * depth);
  for (let y = 0; y < height; y++) {
    const from = ((y + height - (down % height)) % height) * step;
    for (let x = 0; x < width; x++) {
      const rolled = (x + width - (right % width)) % width;
      const source = from + (mirrored ? width - 1 - rolled : rolled) * depth;
      const target = (y * width + x) * depth;
      for (let at = 0; at < depth; at++)
        changed[target + at] = Math.min(255, (data[source + at]! * gain) >> 8);
    }
  }
  return { data: changed, width, height, step: width * depth, encoding };
}

export interface ChallengeRules extends Pick<GoldenSet, 'weakScore' | 'nmsIou'> {
  /** Boxes of an answer: the surest. */
  readonly most: number;
}

/** What a model finds on changed pictures, in their order. `picture` reads a golden frame. */
export async function answerChallenges(
  detector: Detector,
  challenges: readonly (PictureChange & { readonly frame: string })[],
  picture: (frame: string) => Promise<Image>,
  { most, ...rules }: ChallengeRules,
): Promise<GoldenDetection[][]> {
  const answers = [];
  for (const [sequence, { frame, ...change }] of challenges.entries()) {
    const changed = changePicture(await picture(frame), change);
    const found = await detectGolden(detector, changed, rules, sequence);
    answers.push([...found].sort((a, b) => b.score - a.score).slice(0, most));
  }
  return answers;
}
