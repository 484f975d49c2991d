import { compareGolden, type GoldenDetection, type GoldenResult, type GoldenSet } from '../../model/index.ts';
import type { Detection, DetectionSettings } from '../detection.ts';
import type { Detector } from '../ports.ts';
import type { Image } from '../preprocess/image.ts';

/** Runs the golden frames through a detector, as it would run on a device. `picture` reads one of the bundle's files. */
export async function runGolden(
  set: GoldenSet,
  detector: Detector,
  picture: (file: string) => Promise<Image>,
  advance: () => void = () => {},
): Promise<GoldenResult> {
  const compared = [];
  for (const [sequence, { file, detections: expected }] of set.frames.entries()) {
    const { data, ...image } = await picture(file);
    const frame = { camera: 'golden', sequence, stampNs: 0n, frameId: 'golden', ...image };
    const { detections } = await detector.detect(
      { ...frame, pixels: { data, release() {} } },
      goldenSettings(set),
    );
    // A box without a number is no answer, wherever it lies.
    compared.push({ file, expected, found: detections.filter(isNumber).map(goldenDetection) });
    advance();
  }
  return compareGolden(compared, set);
}

export function goldenSettings({
  weakScore,
  nmsIou,
}: Pick<GoldenSet, 'weakScore' | 'nmsIou'>): DetectionSettings {
  return { scoreThreshold: weakScore, iouThreshold: nmsIou, maxDetections: 300, classes: [] };
}

/** As a golden set keeps it. */
export function goldenDetection({ label, score, box }: Detection): GoldenDetection {
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
