import type { Candidates } from '../decode/index.ts';

const scoreView = new Float32Array(1);
const scoreBits = new Uint32Array(scoreView.buffer);

/**
 * Class-wise greedy non-maximum suppression. Returns indices of the kept candidates, best score first; of equal scores
 * the earlier candidate first. A box is dropped when its IoU with a kept box of its class is above `iouThreshold`.
 * Scores must be finite and not negative.
 */
export function nms(candidates: Candidates, iouThreshold: number, maxDetections: number): number[] {
  const { boxes, classes, count } = candidates;
  const order = byScore(candidates);
  const kept: number[] = [];
  for (let i = 0; i < count && kept.length < maxDetections; i++) {
    const index = order[i]!;
    const classId = classes[index]!;
    const b = index * 4;
    const x1 = boxes[b]!;
    const y1 = boxes[b + 1]!;
    const x2 = boxes[b + 2]!;
    const y2 = boxes[b + 3]!;
    const area = (x2 - x1) * (y2 - y1);
    let suppressed = false;
    for (const other of kept) {
      if (classes[other] !== classId) continue;
      const o = other * 4;
      const w = Math.min(x2, boxes[o + 2]!) - Math.max(x1, boxes[o]!);
      if (w <= 0) continue;
      const h = Math.min(y2, boxes[o + 3]!) - Math.max(y1, boxes[o + 1]!);
      if (h <= 0) continue;
      const inter = w * h;
      const union = area + (boxes[o + 2]! - boxes[o]!) * (boxes[o + 3]! - boxes[o + 1]!) - inter;
      // As a quotient, not as a product, so that every implementation rounds alike at the threshold.
      if (inter / union > iouThreshold) {
        suppressed = true;
        break;
      }
    }
    if (!suppressed) kept.push(index);
  }
  return kept;
}

/**
 * Indices by falling score, ties by index. The bits of a float that is not negative sort like the float, so score and
 * index fit one number and the native sort needs no comparator.
 */
export function byScore({ scores, count }: Candidates): Float64Array {
  const keys = new Float64Array(count);
  const room = 2 ** 21;
  for (let i = 0; i < count; i++) {
    // Also turns -0, whose sign bit would spoil the key, into 0.
    scoreView[0] = Math.max(0, scores[i]!);
    keys[i] = (0x7f800000 - scoreBits[0]!) * room + i;
  }
  keys.sort();
  for (let i = 0; i < count; i++) keys[i] = keys[i]! % room;
  return keys;
}
