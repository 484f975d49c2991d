import { InputError } from '../../base/index.ts';
import { boxIou } from '../box.ts';
import type { Box, Keypoint } from '../detection.ts';
import { type Bitmap, bitmapIou } from '../mask/bitmap.ts';
import { keypointSimilarity, type TruthPoint } from './keypoint-similarity.ts';
import { type Polygon, polygonIou } from './polygon-iou.ts';

export interface TruthBox {
  readonly classId: number;
  readonly box: Box;
  /** Where masks are compared: its pixels. */
  readonly bitmap?: Bitmap;
  /** Where rotated boxes are compared: its corners. */
  readonly corners?: Polygon;
  /** Where poses are compared. */
  readonly points?: readonly TruthPoint[];
}

export interface ScoredBox extends Omit<TruthBox, 'points'> {
  readonly score: number;
  readonly keypoints?: readonly Keypoint[];
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
  const classes = classesOf(images);
  if (classes.length === 0) {
    throw new InputError(
      'evaluation-empty',
      `None of the ${images.length} images has ground truth.`,
      'Give a folder of labels whose file names are those of the images.',
    );
  }
  const perClass = classes.map((classId) => evaluateClass(images, classId, maxDetections));
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

/** Classes with ground truth, rising. */
export function classesOf(images: readonly EvaluatedImage[]): number[] {
  const classes = new Set<number>();
  for (const image of images) for (const { classId } of image.truth) classes.add(classId);
  return [...classes].sort((a, b) => a - b);
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
  const found = matchClass(images, classId, maxDetections);
  const aps = averagePrecisions(found);
  return {
    classId,
    truth: found.truth.reduce((sum, count) => sum + count, 0),
    detections: found.hits.length,
    ap: aps.reduce((sum, ap) => sum + ap, 0) / aps.length,
    ap50: aps[0]!,
    ap75: aps[5]!,
  };
}

/** One class of a set of images: what was found, by falling score, and what was there. */
export interface MatchedClass {
  /** Image of every detection. */
  readonly image: readonly number[];
  /** Of every detection, per IoU threshold: took a truth box. */
  readonly hits: readonly (readonly boolean[])[];
  /** Truth boxes of every image. */
  readonly truth: readonly number[];
}

export function matchClass(
  images: readonly EvaluatedImage[],
  classId: number,
  maxDetections: number,
): MatchedClass {
  const matches: (Match & { readonly image: number })[] = [];
  const counts: number[] = [];
  for (const [index, image] of images.entries()) {
    const truth = image.truth.filter((box) => box.classId === classId);
    const detections = image.detections
      .filter((box) => box.classId === classId)
      .sort((a, b) => b.score - a.score)
      .slice(0, maxDetections);
    counts.push(truth.length);
    for (const match of matchImage(truth, detections)) matches.push({ ...match, image: index });
  }
  // Stable: of equal scores the earlier image stays first, as in pycocotools (mergesort).
  matches.sort((a, b) => b.score - a.score);
  return {
    image: matches.map(({ image }) => image),
    hits: matches.map(({ hits }) => hits),
    truth: counts,
  };
}

/** Per IoU threshold. `times`: how often every image counts; default once. NaN where nothing was to be found. */
export function averagePrecisions(
  { image, hits, truth }: MatchedClass,
  times: ArrayLike<number> = new Uint8Array(truth.length).fill(1),
): number[] {
  const truthCount = truth.reduce((sum, count, i) => sum + count * times[i]!, 0);
  if (truthCount === 0) return thresholds.map(() => Number.NaN);
  const counted = image.map((i) => times[i]!);
  return thresholds.map((_, t) => averagePrecision(hits, t, counted, truthCount));
}

/** Of their points, their corners or their pixels where both have them, else IoU of their boxes; 0..1. */
function overlapOf(a: ScoredBox, b: TruthBox): number {
  if (a.keypoints !== undefined && b.points !== undefined)
    return keypointSimilarity(b.points, b.box, a.keypoints);
  if (a.corners !== undefined && b.corners !== undefined) return polygonIou(a.corners, b.corners);
  return a.bitmap !== undefined && b.bitmap !== undefined
    ? bitmapIou(a.bitmap, b.bitmap)
    : boxIou(a.box, b.box);
}

function matchImage(truth: readonly TruthBox[], detections: readonly ScoredBox[]): Match[] {
  const taken = thresholds.map(() => new Set<number>());
  return detections.map((detection) => {
    const { score } = detection;
    const overlaps = truth.map((other) => overlapOf(detection, other));
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
function averagePrecision(
  hits: MatchedClass['hits'],
  threshold: number,
  times: readonly number[],
  truthCount: number,
): number {
  const recall = new Float64Array(hits.length);
  const precision = new Float64Array(hits.length);
  let found = 0;
  let all = 0;
  for (let i = 0; i < hits.length; i++) {
    if (hits[i]![threshold]!) found += times[i]!;
    all += times[i]!;
    recall[i] = found / truthCount;
    precision[i] = all === 0 ? 0 : found / all;
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
