import type { Detection } from './detection.ts';

/** What the parts of a detection say of the model that found them; undefined where it has no such parts. */
export interface PartMeasures {
  /** Mean of the scores of its points, 0..1. */
  readonly keypointScore: number | undefined;
  /** Share of its points that are surely seen, 0..1. */
  readonly keypointsSeen: number | undefined;
  /** Share of its box that its mask covers, 0..1. */
  readonly maskShare: number | undefined;
}

/** As visibility is asked for when poses are drawn. */
const surely = 0.5;

export function partMeasures({ keypoints, mask, box }: Detection): PartMeasures {
  const scores =
    keypoints?.flatMap(({ score }) => (score === undefined || Number.isNaN(score) ? [] : [score])) ?? [];
  const isScored = scores.length > 0;
  return {
    keypointScore: isScored ? scores.reduce((sum, score) => sum + score, 0) / scores.length : undefined,
    keypointsSeen: isScored ? scores.filter((score) => score >= surely).length / scores.length : undefined,
    maskShare: mask === undefined ? undefined : shareOf(mask, box),
  };
}

/** Of whole cells: the outline itself would cost more, every frame. */
function shareOf(
  { values, cellWidth, cellHeight }: NonNullable<Detection['mask']>,
  { x1, y1, x2, y2 }: Detection['box'],
): number | undefined {
  let cells = 0;
  for (const value of values) if (value > 127) cells += 1;
  const area = (x2 - x1) * (y2 - y1);
  return area > 0 ? Math.min(1, (cells * cellWidth * cellHeight) / area) : undefined;
}
