import type { Clock } from '../../../src/base/index.ts';
import type { Frame, PerceptionResult } from '../../../src/perception/index.ts';

/** Twenty detections, as the Fast DDS peer expects them: their places follow from `first`, the value of the picture's pixels. */
export function resultOf(frame: Frame, clock: Clock, first: number): PerceptionResult {
  return {
    camera: frame.camera,
    sequence: frame.sequence,
    stampNs: frame.stampNs,
    frameId: frame.frameId,
    width: frame.width,
    height: frame.height,
    detections: Array.from({ length: 20 }, (_, k) => ({
      classId: k,
      label: k % 2 === 1 ? 'person' : 'fahrrad-ü',
      score: 0.5,
      box: { x1: first + k, y1: 2 * k, x2: first + k + 10, y2: 2 * k + 20 },
      trackId: k,
    })),
    identity,
    timings: { preprocessMs: 0, inferMs: 0, postprocessMs: 0 },
    candidates: 20,
    captureToPublishMs: Number(clock.wallNs() - frame.stampNs) / 1e6,
  };
}

const identity = {
  model: 'street',
  version: '1',
  digest: `sha256:${'0'.repeat(64)}`,
  engine: 'none',
  precision: 'fp32',
  labels: [],
  inputWidth: 1,
  inputHeight: 1,
};
