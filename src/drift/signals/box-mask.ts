import {
  thumbnailHeight as height,
  type PerceptionResult,
  thumbnailWidth as width,
} from '../../perception/index.ts';

/**
 * Marks the cells under the boxes from `leastScore` and one around them with 1: shadows belong to their objects. NaN marks
 * nothing. Gives the share that is marked.
 */
export function markBoxes(
  { detections, width: w, height: h }: PerceptionResult,
  out: Uint8Array,
  leastScore: number,
): number {
  out.fill(0);
  for (const { box, score } of detections) {
    if (!(score >= leastScore)) continue;
    const x1 = Math.max(0, Math.floor((box.x1 / w) * width) - 1);
    const x2 = Math.min(width - 1, Math.floor((box.x2 / w) * width) + 1);
    const y1 = Math.max(0, Math.floor((box.y1 / h) * height) - 1);
    const y2 = Math.min(height - 1, Math.floor((box.y2 / h) * height) + 1);
    for (let y = y1; y <= y2 && x2 >= x1; y++) out.fill(1, y * width + x1, y * width + x2 + 1);
  }
  let marked = 0;
  for (let i = 0; i < out.length; i++) marked += out[i]!;
  return marked / out.length;
}
