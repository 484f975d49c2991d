/** A box with its class, pixels of the frame. */
export interface GoldenDetection {
  readonly label: string;
  readonly score: number;
  /** x1, y1, x2, y2 */
  readonly box: readonly [number, number, number, number];
}

export interface GoldenFrame {
  /** Path in the bundle. */
  readonly file: string;
  readonly detections: readonly GoldenDetection[];
}

/** golden/golden.json of a bundle: what the fp32 variant sees on a few frames, and how near others must come. */
export interface GoldenSet {
  readonly schema: 1;
  /** Score from which a detection has to be found by the other side. */
  readonly strongScore: number;
  /** Score from which a detection counts as found; lower, so that a score on the edge decides nothing. */
  readonly weakScore: number;
  readonly iou: number;
  /** NMS while detecting. */
  readonly nmsIou: number;
  /** Smallest agreement per variant: measured when the bundle was made, less a margin for other engines. */
  readonly minAgreement: Readonly<Record<string, number>>;
  readonly frames: readonly GoldenFrame[];
}

export const goldenRules = { strongScore: 0.4, weakScore: 0.2, iou: 0.5, nmsIou: 0.45 } as const;
/** Engines differ in rounding; a lost zero point or a swapped colour costs far more than this. */
export const goldenMargin = 0.05;
export const goldenFrames = 32;

/**
 * Share of the strong detections of either side that the other side has too (same class, IoU of at least `iou`), 0..1;
 * 1 where neither side sees anything.
 */
export function agreement(
  frames: readonly {
    readonly expected: readonly GoldenDetection[];
    readonly found: readonly GoldenDetection[];
  }[],
  rules: { readonly strongScore: number; readonly iou: number } = goldenRules,
): number {
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

/** Frames that show every class at least once if they can, then those with most detections. Indices, ascending. */
export function chooseGolden(frames: readonly (readonly GoldenDetection[])[], count: number): number[] {
  const rest = new Set(frames.keys());
  const chosen: number[] = [];
  const seen = new Set<string>();
  while (chosen.length < count && rest.size > 0) {
    let best = -1;
    let most = -1;
    for (const index of rest) {
      const strong = (frames[index] ?? []).filter(({ score }) => score >= goldenRules.strongScore);
      const fresh = new Set(strong.map(({ label }) => label).filter((label) => !seen.has(label)));
      const gain = fresh.size * 1000 + Math.min(strong.length, 999);
      if (gain > most) {
        most = gain;
        best = index;
      }
    }
    rest.delete(best);
    chosen.push(best);
    for (const { label } of frames[best] ?? []) seen.add(label);
  }
  return chosen.sort((a, b) => a - b);
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
