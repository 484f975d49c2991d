import { InputError } from '../../base/index.ts';
import { boxIou } from '../box.ts';
import type { Box } from '../detection.ts';

export interface TruthBox {
  readonly classId: number;
  readonly box: Box;
}

export interface ScoredBox extends TruthBox {
  readonly score: number;
}

export interface EvaluatedImage {
  readonly truth: readonly TruthBox[];
  readonly detections: readonly ScoredBox[];
}

export interface ClassAccuracy {
  readonly classId: number;
  /** Ground-truth boxes. */
  readonly truth: number;
  readonly detections: number;
  /** 0..1, mean over IoU .50 to .95. */
  readonly ap: number;
  readonly ap50: number;
  readonly ap75: number;
}

export interface Evaluation {
  readonly images: number;
  readonly truth: number;
  readonly detections: number;
  /** COCO mAP@[.5:.95], 0..1: mean over the classes that occur in the ground truth. */
  readonly map: number;
  readonly ap50: number;
  readonly ap75: number;
  /** Only classes with ground truth, by id. */
  readonly perClass: readonly ClassAccuracy[];
}

const thresholds = Array.from({ length: 10 }, (_, i) => (50 + 5 * i) / 100);
const recallPoints = Array.from({ length: 101 }, (_, i) => i / 100);

/**
 * Accuracy by COCO's rules (pycocotools COCOeval, area "all", maxDets 100 per image and class, no crowd regions):
 * detections by falling score take the free truth box of their class with the largest IoU, precision is made to fall
 * with recall, and is read at 101 recalls. Classes without ground truth are left out of the means.
 */
export function evaluate(images: readonly EvaluatedImage[], maxDetections = 100): Evaluation {
  const classes = new Set<number>();
  for (const image of images) for (const { classId } of image.truth) classes.add(classId);
  if (classes.size === 0) {
    throw new InputError(
      'evaluation-empty',
      `None of the ${images.length} images has ground truth.`,
      'Give a folder of labels whose file names are those of the images.',
    );
  }
  const perClass = [...classes]
    .sort((a, b) => a - b)
    .map((classId) => evaluateClass(images, classId, maxDetections));
  const mean = (of: (accuracy: ClassAccuracy) => number) =>
    perClass.reduce((sum, accuracy) => sum + of(accuracy), 0) / perClass.length;
  return {
    images: images.length,
    truth: images.reduce((sum, image) => sum + image.truth.length, 0),
    detections: images.reduce((sum, image) => sum + image.detections.length, 0),
    map: mean(({ ap }) => ap),
    ap50: mean(({ ap50 }) => ap50),
    ap75: mean(({ ap75 }) => ap75),
    perClass,
  };
}

interface Match {
  readonly score: number;
  /** Per IoU threshold: took a truth box. */
  readonly hits: readonly boolean[];
}

function evaluateClass(
  images: readonly EvaluatedImage[],
  classId: number,
  maxDetections: number,
): ClassAccuracy {
  const matches: Match[] = [];
  let truthCount = 0;
  for (const image of images) {
    const truth = image.truth.filter((box) => box.classId === classId).map(({ box }) => box);
    const detections = image.detections
      .filter((box) => box.classId === classId)
      .sort((a, b) => b.score - a.score)
      .slice(0, maxDetections);
    truthCount += truth.length;
    matches.push(...matchImage(truth, detections));
  }
  // Stable: of equal scores the earlier image stays first, as in pycocotools (mergesort).
  matches.sort((a, b) => b.score - a.score);
  const aps = thresholds.map((_, t) =>
    averagePrecision(
      matches.map(({ hits }) => hits[t]!),
      truthCount,
    ),
  );
  return {
    classId,
    truth: truthCount,
    detections: matches.length,
    ap: aps.reduce((sum, ap) => sum + ap, 0) / aps.length,
    ap50: aps[0]!,
    ap75: aps[5]!,
  };
}

function matchImage(truth: readonly Box[], detections: readonly ScoredBox[]): Match[] {
  const taken = thresholds.map(() => new Set<number>());
  return detections.map(({ score, box }) => {
    const overlaps = truth.map((other) => boxIou(box, other));
    const hits = thresholds.map((threshold, t) => {
      let best = -1;
      let bestIou = Math.min(threshold, 1 - 1e-10);
      for (const [g, iou] of overlaps.entries()) {
        if (taken[t]!.has(g) || iou < bestIou) continue;
        best = g;
        bestIou = iou;
      }
      if (best >= 0) taken[t]!.add(best);
      return best >= 0;
    });
    return { score, hits };
  });
}

/** Area under the falling precision curve, read at 101 recalls. `hits` by falling score. */
function averagePrecision(hits: readonly boolean[], truthCount: number): number {
  const recall: number[] = [];
  const precision: number[] = [];
  let found = 0;
  for (const [i, hit] of hits.entries()) {
    if (hit) found += 1;
    recall.push(found / truthCount);
    precision.push(found / (i + 1));
  }
  for (let i = precision.length - 2; i >= 0; i--) {
    precision[i] = Math.max(precision[i]!, precision[i + 1]!);
  }
  let sum = 0;
  let i = 0;
  for (const point of recallPoints) {
    while (i < recall.length && recall[i]! < point) i += 1;
    if (i === recall.length) break;
    sum += precision[i]!;
  }
  return sum / recallPoints.length;
}
