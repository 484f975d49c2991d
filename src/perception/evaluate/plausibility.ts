import { defaultDetectionSettings } from '../detection.ts';
import type { Evidence } from './evidence.ts';

export interface Doubt {
  /** What is seen, as the end of a sentence that begins with "On 8 pictures". */
  readonly seen: string;
  /** The usual reason, and what to do about it. */
  readonly cause: string;
  readonly remedy: string;
}

interface Rule extends Omit<Doubt, 'seen'> {
  readonly seen: (evidence: Evidence) => string | undefined;
}

/** Fewer findings may by chance be alike. */
const enough = 5;
/** Results of a sigmoid or softmax are in 0..1, except for rounding; INT8 rounds in steps of 1/255. */
const beyond = 0.01;

const number = (value: number) => String(Number(value.toPrecision(3)));

/** The most telling first: NaN makes all other findings wrong, and without objects there are none. */
const rules: readonly Rule[] = [
  {
    seen: ({ invalid }) => (invalid > 0 ? `${invalid} values of its answers are NaN or infinite` : undefined),
    cause:
      'Half floats that overflowed, damaged weights, or pixels in a range far from that of the training.',
    remedy: 'Export the model in float32, and check --scale, --mean and --std.',
  },
  {
    seen: ({ unreadable }) =>
      unreadable > 0
        ? `${unreadable} boxes have a class without a label, or a size that is not finite`
        : undefined,
    cause:
      'The model was trained with more classes than there are labels, or another family wrote this output.',
    remedy: 'Give the labels that the model was trained with, one line per class in the order of training.',
  },
  {
    seen: ({ constant }) => (constant ? 'it gives the same answer for every picture' : undefined),
    cause:
      'Its answer does not depend on the picture: its weights are lost, or pixels come in a range in which it detects no object.',
    remedy: 'Check --scale, --mean and --std; otherwise export the model again.',
  },
  {
    seen: ({ noDistance }) =>
      noDistance > 0.1 ? `${Math.round(noDistance * 100)} % of its places have no distance` : undefined,
    cause: 'Its values are 0 or less: it gives disparity, or logarithms, and not metres.',
    remedy: 'Name --decoder depth-relative.',
  },
  {
    seen: ({ flat }) => (flat ? 'it says that everything is equally far away' : undefined),
    cause: 'Pixels come in a range far from that of the training, or this output is not a depth.',
    remedy: 'Check --scale, --mean and --std.',
  },
  {
    seen: ({ classifier, logits, probabilities }) =>
      classifier && !logits && !probabilities
        ? 'its values are not probabilities: below 0, or not 1 in sum'
        : undefined,
    cause: 'The softmax is still to be done.',
    remedy: 'Name --decoder logits.',
  },
  {
    seen: ({ classifier, logits, probabilities }) =>
      classifier && logits && probabilities ? 'its values are probabilities already' : undefined,
    cause: 'The softmax is in the network; done twice, every score would be nearly the same.',
    remedy: 'Name --decoder softmax.',
  },
  {
    seen: ({ best, least }) =>
      best > 1 + beyond || least < -beyond
        ? `its scores go from ${number(least)} to ${number(best)}, where 0 to 1 is right`
        : undefined,
    cause:
      'The scores come without their sigmoid, or these are not scores: another family wrote this output.',
    remedy: 'Export the model with its Detect layer, or name another --decoder.',
  },
  {
    seen: ({ candidates, unitBoxes }) =>
      candidates > 0 && unitBoxes > 0.9 * candidates
        ? `${unitBoxes} of ${candidates} boxes are within a few pixels at the upper left`
        : undefined,
    cause:
      'Its boxes are parts of the picture from 0 to 1, or counted from the cells of a grid, and not pixels.',
    remedy:
      'Name another --decoder, or leave it out; otherwise export the model with boxes in pixels of its input.',
  },
  {
    seen: ({ classifier, findings, covering }) =>
      !classifier && findings >= enough && covering > 0.8 * findings
        ? `${covering} of ${findings} boxes reach over the whole picture`
        : undefined,
    cause: 'The values of a box mean something else than the decoder takes them for.',
    remedy: 'Name another --decoder, and check the input size and --strides.',
  },
  {
    seen: ({ classifier, findings, weakest }) =>
      !classifier && findings >= enough && weakest >= 0.995
        ? `all of ${findings} findings have a score of 1.00`
        : undefined,
    cause: 'The values that the decoder reads as scores are none: another family wrote this output.',
    remedy: 'Name another --decoder.',
  },
  {
    seen: ({ pictures, flooded }) =>
      flooded === pictures && pictures > 0 ? 'more than half of all its boxes hold an object' : undefined,
    cause:
      'The values that the decoder reads as scores are none, or pixels come in a range far from that of the training.',
    remedy: 'Name another --decoder, and check --scale, --mean and --std.',
  },
  {
    seen: ({ classifier, pictures, findings, findingsInGrey }) =>
      !classifier && findingsInGrey > 0 && findingsInGrey >= findings / pictures / 2
        ? `it finds ${number(findings / pictures)} in each, and ${findingsInGrey} in a picture of one grey`
        : undefined,
    cause:
      'Its detections are not in the pictures: pixels come in a range far from that of the training (normalised twice, or not at all).',
    remedy: 'Check --scale, --mean and --std.',
  },
  {
    seen: ({ classifier, findings, best }) =>
      !classifier && findings === 0
        ? `it finds nothing (the best score is ${number(best)}, ${defaultDetectionSettings.scoreThreshold} is needed)`
        : undefined,
    cause:
      'Pixels come in another range or order of colours than in the training, or the pictures show none of its classes.',
    remedy:
      'Check --scale, --mean, --std, --color and the labels, and give pictures that show its classes: --check <folder>.',
  },
];

/** Evidence that a network is not fed or read as it was trained; undefined without any. */
export function doubtOf(evidence: Evidence): Doubt | undefined {
  for (const { seen, cause, remedy } of rules) {
    const words = seen(evidence);
    if (words !== undefined) return { seen: words, cause, remedy };
  }
  return undefined;
}
