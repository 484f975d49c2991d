import type { GoldenDetection } from './golden-set.ts';

export const goldenRules = { strongScore: 0.4, weakScore: 0.2, iou: 0.5, nmsIou: 0.45 } as const;

export interface GoldenComparison {
  readonly expected: readonly GoldenDetection[];
  readonly found: readonly GoldenDetection[];
}

export interface GoldenResult {
  /** 0..1 */
  readonly agreement: number;
  readonly frames: number;
  /** mAP@[.5:.95] on the frames with truth, of detections from the set's weak score on; undefined without truth. */
  readonly map?: number;
  /** The frames that agree least, worst first. */
  readonly worst: readonly { readonly file: string; readonly agreement: number }[];
}

interface Rules {
  readonly strongScore: number;
  readonly iou: number;
}

/** All frames together, and the three that agree least. */
export function compareGolden(
  frames: readonly (GoldenComparison & { readonly file: string })[],
  rules: Rules,
): GoldenResult {
  const worst = frames
    .map((frame) => ({ file: frame.file, agreement: agreement([frame], rules) }))
    .sort((a, b) => a.agreement - b.agreement)
    .slice(0, 3);
  return { agreement: agreement(frames, rules), frames: frames.length, worst };
}

/**
 * Share of the strong detections of either side that the other side has too (same class, IoU of at least `iou`), 0..1;
 * 1 where neither side sees anything.
 */
export function agreement(frames: readonly GoldenComparison[], rules: Rules = goldenRules): number {
  let strong = 0;
  let met = 0;
  for (const { expected, found } of frames) {
    for (const [ours, theirs] of [
      [expected, found],
      [found, expected],
    ] as const) {
      const free = new Set(theirs);
      for (const detection of [...ours].sort((a, b) => b.score - a.score)) {
        if (detection.score < rules.strongScore) continue;
        strong += 1;
        const partner = nearest(detection, free);
        if (partner === undefined || iou(detection.box, partner.box) < rules.iou) continue;
        free.delete(partner);
        met += 1;
      }
    }
  }
  return strong === 0 ? 1 : met / strong;
}

/**
 * How far two answers to one picture are apart: 0 the same, 1 nothing in common. By score and by place, so that it tells two
 * models apart that agree on what there is.
 */
export function answerDistance(
  one: readonly GoldenDetection[],
  other: readonly GoldenDetection[],
  least: number = goldenRules.iou,
): number {
  const free = new Set(other);
  let weight = 0;
  let apart = 0;
  for (const detection of [...one].sort((a, b) => b.score - a.score)) {
    const partner = nearest(detection, free);
    const overlap = partner === undefined ? 0 : iou(detection.box, partner.box);
    const share = Math.max(detection.score, overlap < least ? 0 : partner!.score);
    weight += share;
    if (overlap < least) {
      apart += share;
      continue;
    }
    free.delete(partner!);
    apart += share * Math.min(1, Math.abs(detection.score - partner!.score) + 1 - overlap);
  }
  for (const { score } of free) {
    weight += score;
    apart += score;
  }
  return weight === 0 ? 0 : apart / weight;
}

function nearest(
  detection: GoldenDetection,
  among: ReadonlySet<GoldenDetection>,
): GoldenDetection | undefined {
  let best: GoldenDetection | undefined;
  let most = 0;
  for (const other of among) {
    if (other.label !== detection.label) continue;
    const overlap = iou(detection.box, other.box);
    if (overlap > most) {
      most = overlap;
      best = other;
    }
  }
  return best;
}

function iou(a: GoldenDetection['box'], b: GoldenDetection['box']): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  const area = (box: GoldenDetection['box']) => (box[2] - box[0]) * (box[3] - box[1]);
  return shared / (area(a) + area(b) - shared);
}
