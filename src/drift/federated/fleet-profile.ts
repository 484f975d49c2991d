import { ksDistance } from '../detectors/kolmogorov-smirnov.ts';
import { mixDistance } from '../detectors/mix-distance.ts';
import { total } from '../detectors/total.ts';

/** What one camera counted: detections by class, and scores by bucket. No picture and no box is in it. */
export interface CameraCounts {
  readonly device: string;
  readonly camera: string;
  readonly labels: Readonly<Record<string, number>>;
  readonly scores: Readonly<Record<number, number>>;
}

interface FleetProfile {
  readonly cameras: number;
  readonly labels: Readonly<Record<string, number>>;
  readonly scores: Readonly<Record<number, number>>;
}

/** How far one camera is from the rest of its fleet. */
interface CameraDistance {
  readonly device: string;
  readonly camera: string;
  readonly detections: number;
  /** See `mixDistance`. */
  readonly mix: number;
  /** Kolmogorov and Smirnov's distance of the scores, 0..1. */
  readonly scores: number;
}

export function sumProfile(cameras: readonly CameraCounts[]): FleetProfile {
  const labels: Record<string, number> = {};
  const scores: Record<number, number> = {};
  for (const one of cameras) {
    addInto(labels, one.labels, 1);
    addInto(scores, one.scores, 1);
  }
  return { cameras: cameras.length, labels, scores };
}

/** Below this a camera's mix is chance. */
const leastDetections = 200;

/** Each camera against the sum of the others, the farthest first; those that saw too little are left out. */
export function distances(cameras: readonly CameraCounts[]): CameraDistance[] {
  const all = sumProfile(cameras);
  return cameras
    .flatMap((one): CameraDistance[] => {
      const detections = total(Object.values(one.labels));
      const labels = { ...all.labels };
      const scores = { ...all.scores };
      addInto(labels, one.labels, -1);
      addInto(scores, one.scores, -1);
      if (detections < leastDetections || total(Object.values(labels)) < leastDetections) return [];
      const about = { device: one.device, camera: one.camera, detections };
      return [{ ...about, mix: mixDistance(one.labels, labels), scores: scoreDistance(one.scores, scores) }];
    })
    .sort((a, b) => Math.max(b.mix, b.scores) - Math.max(a.mix, a.scores));
}

function scoreDistance(a: Readonly<Record<number, number>>, b: Readonly<Record<number, number>>): number {
  const buckets = [...new Set([...Object.keys(a), ...Object.keys(b)].map(Number))].sort((x, y) => x - y);
  const distance = ksDistance(
    buckets.map((bucket) => a[bucket] ?? 0),
    buckets.map((bucket) => b[bucket] ?? 0),
  );
  return Number.isNaN(distance) ? 0 : distance;
}

function addInto(into: Record<string, number>, counts: Readonly<Record<string, number>>, sign: 1 | -1): void {
  for (const [key, count] of Object.entries(counts)) into[key] = (into[key] ?? 0) + sign * count;
}
