import type { Box, Keypoint } from '../detection.ts';

/** In pixels. */
export interface TruthPoint {
  readonly x: number;
  readonly y: number;
  /** False: nobody marked it, and it doesn't count. */
  readonly marked: boolean;
}

/** How far people's marks of COCO's 17 points lie apart, in parts of the object's size (cocoeval.py, kpt_oks_sigmas). */
const cocoSigmas = [
  0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087,
  0.089, 0.089,
];
/** An object covers so much of its box, where no outline says it (Ultralytics `kpt_iou`). */
const areaOfBox = 0.53;

/**
 * COCO's object keypoint similarity, 0..1: the mean over the marked points of exp(-d^2 / (2 s^2 k^2)), with d the distance, s^2 the
 * object's area and k twice the sigma. Other sets than COCO's 17 points have one sigma for all, 1 / points. 0 where none is marked.
 */
export function keypointSimilarity(
  truth: readonly TruthPoint[],
  box: Box,
  found: readonly Keypoint[],
): number {
  const area = Math.max(1, (box.x2 - box.x1) * (box.y2 - box.y1) * areaOfBox);
  let sum = 0;
  let marked = 0;
  for (const [i, point] of truth.entries()) {
    const other = found[i];
    if (!point.marked) continue;
    marked += 1;
    if (other === undefined) continue;
    const sigma = truth.length === cocoSigmas.length ? cocoSigmas[i]! : 1 / truth.length;
    const distance = (point.x - other.x) ** 2 + (point.y - other.y) ** 2;
    sum += Math.exp(-distance / (2 * area * (2 * sigma) ** 2));
  }
  return marked === 0 ? 0 : sum / marked;
}
