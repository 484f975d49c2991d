import { defined } from '../../base/index.ts';
import {
  compareGolden,
  type GoldenDetection,
  type GoldenResult,
  type GoldenSet,
  type GoldenTruth,
  hasTruth,
} from '../../model/index.ts';
import type { Detection, DetectionSettings } from '../detection.ts';
import type { Detector } from '../ports.ts';
import type { Image } from '../preprocess/image.ts';
import { type EvaluatedImage, evaluate } from './evaluate.ts';

/** Runs the golden frames through a detector, as it would run on a device. `picture` reads one of the bundle's files. */
export async function runGolden(
  set: GoldenSet,
  detector: Detector,
  picture: (file: string) => Promise<Image>,
  advance: () => void = () => {},
): Promise<GoldenResult> {
  const compared = [];
  for (const [sequence, { file, detections: expected }] of set.frames.entries()) {
    compared.push({
      file,
      expected,
      found: await detectGolden(detector, await picture(file), set, sequence),
    });
    advance();
  }
  const map = goldenMap(set, compared);
  return { ...compareGolden(compared, set), ...defined({ map }) };
}

/**
 * mAP by COCO's rules of what was found, frame by frame of the set, on those with truth; undefined where none has any. Only
 * for comparison with itself: an evaluation counts weaker detections too.
 */
export function goldenMap(
  set: Pick<GoldenSet, 'frames'>,
  found: readonly { readonly found: readonly GoldenDetection[] }[],
): number | undefined {
  if (!hasTruth(set)) return undefined;
  const classes = new Map<string, number>();
  const numbered = <T extends GoldenTruth>(boxes: readonly T[]) =>
    boxes.map(({ label, box: [x1, y1, x2, y2], ...rest }) => {
      const classId = classes.get(label) ?? classes.size;
      classes.set(label, classId);
      return { ...rest, classId, box: { x1, y1, x2, y2 } };
    });
  const images = set.frames.flatMap(({ truth }, i): EvaluatedImage[] =>
    truth === undefined ? [] : [{ truth: numbered(truth), detections: numbered(found[i]?.found ?? []) }],
  );
  return evaluate(images).map;
}

/** What a detector sees on a golden picture, as a golden set keeps it. */
export async function detectGolden(
  detector: Detector,
  { data, ...image }: Image,
  rules: Pick<GoldenSet, 'weakScore' | 'nmsIou'>,
  sequence = 0,
): Promise<GoldenDetection[]> {
  const frame = { camera: 'golden', sequence, stampNs: 0n, frameId: 'golden', ...image };
  const { detections } = await detector.detect(
    { ...frame, pixels: { data, release() {} } },
    goldenSettings(rules),
  );
  return goldenDetections(detections);
}

/** As a golden set keeps them. A box without a number is no answer, wherever it lies. */
export function goldenDetections(detections: readonly Detection[]): GoldenDetection[] {
  return detections.filter(isNumber).map(goldenDetection);
}

/** What a golden set is run with. */
export function goldenSettings({
  weakScore,
  nmsIou,
}: Pick<GoldenSet, 'weakScore' | 'nmsIou'>): DetectionSettings {
  return { scoreThreshold: weakScore, iouThreshold: nmsIou, maxDetections: 300, classes: [] };
}

function goldenDetection({ label, score, box }: Detection): GoldenDetection {
  const round = (value: number) => Math.round(value * 100) / 100;
  return {
    label,
    score: Math.round(score * 10_000) / 10_000,
    box: [round(box.x1), round(box.y1), round(box.x2), round(box.y2)],
  };
}

function isNumber({ score, box }: Detection): boolean {
  return [score, box.x1, box.y1, box.x2, box.y2].every(Number.isFinite);
}
