import type { Detection } from '../../../perception/index.ts';
import type { HardFrame } from '../../../protocol/index.ts';

const mostDetections = 100;

/** As they travel: no number that is none, tenths of a pixel, thousandths of a score. */
export function wireDetections(detections: readonly Detection[]): HardFrame['detections'] {
  return detections.filter(finite).slice(0, mostDetections).map(wireDetection);
}

function finite({ score, box }: Detection): boolean {
  return [score, box.x1, box.y1, box.x2, box.y2].every(Number.isFinite);
}

function wireDetection({ label, score, box }: Detection): HardFrame['detections'][number] {
  const short = (value: number) => Math.round(value * 10) / 10;
  return {
    label: label.slice(0, 128),
    score: Math.round(score * 1000) / 1000,
    box: [short(box.x1), short(box.y1), short(box.x2), short(box.y2)],
  };
}
