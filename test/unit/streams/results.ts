import type { PerceptionResult, TrackedDetection } from '../../../src/perception/index.ts';
import { resultMessage } from '../../../src/streams/index.ts';

export const found = (
  label: string,
  score: number,
  more: Partial<TrackedDetection> = {},
): TrackedDetection => ({
  ...{ label, score, classId: 1, box: { x1: 10.123, y1: 20, x2: 110, y2: 220 } },
  ...more,
});

/** Everything that a result may have. */
export const rich = found('person', 0.91234567, {
  trackId: 7,
  mask: {
    ...{ x: 10, y: 20, cellWidth: 50, cellHeight: 50, columns: 2, rows: 4 },
    values: new Uint8Array([255, 255, 255, 255, 255, 0, 0, 0]),
  },
  keypoints: [
    { x: 11, y: 21 },
    { x: 12, y: 22, score: 0.5 },
  ],
  rotated: { cx: 60, cy: 120, width: 99.999, height: 200, angle: 0.123456 },
  depth: {
    ...{ gives: 'metres', x: 0, y: 0, cellWidth: 20, cellHeight: 20, columns: 64, rows: 36 },
    values: Float32Array.from({ length: 64 * 36 }, (_, i) => (i % 64 === 1 ? Number.NaN : i / 10)),
  },
  attributes: [{ node: 'colour', label: 'red', score: 0.777777 }],
  children: [{ ...found('face', 0.6), node: 'face', children: [{ ...found('eye', 0.5), node: 'eye' }] }],
});

export function perception(
  sequence: number,
  detections: readonly TrackedDetection[],
  more: Partial<PerceptionResult> = {},
): PerceptionResult {
  return {
    ...{ camera: 'front', node: 'detect', slot: 'main', sequence, frameId: 'front_optical' },
    stampNs: 1_790_000_000_000_000_000n + BigInt(Math.round((sequence * 1e9) / 30)),
    ...{ width: 1280, height: 720, detections, candidates: 3, captureToPublishMs: 41.23456 },
    timings: { preprocessMs: 1.23456, inferMs: 2, postprocessMs: 0.1 },
    identity: {
      ...{ model: 'street', version: '1.0.0', digest: `sha256:${'a'.repeat(64)}`, engine: 'fake' },
      ...{ precision: 'fp32', labels: ['car', 'person'], inputWidth: 320, inputHeight: 320 },
    },
    ...more,
  };
}

export function outgoing(sequence: number, detections: readonly TrackedDetection[], camera = 'front') {
  const message = resultMessage(perception(sequence, detections, { camera }));
  return { message, text: JSON.stringify(message) };
}
