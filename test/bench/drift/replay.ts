import { DriftMonitor, ProfileBuilder, type ReferenceProfile } from '../../../src/drift/index.ts';
import type { DetectorIdentity, PerceptionResult } from '../../../src/perception/index.ts';
import { streetLabels } from '../../../src/simulation/index.ts';
import { framesPerSecond } from './plan.ts';
import type { TraceFrame } from './trace.ts';

export const identity: DetectorIdentity = {
  model: 'street',
  version: '1',
  digest: `sha256:${'5'.repeat(64)}`,
  engine: 'onnxruntime-node',
  precision: 'fp32',
  labels: streetLabels,
  inputWidth: 320,
  inputHeight: 192,
};

const dayNs = 1_790_000_000n * 1_000_000_000n - (1_790_000_000n % 86_400n) * 1_000_000_000n;
/** Ten in the morning and eight in the evening: each in its own half of the day. */
export const startOf = { day: dayNs + 36_000n * 1_000_000_000n, evening: dayNs + 72_000n * 1_000_000_000n };
export type TimeOfDay = keyof typeof startOf;

export function resultOf(frame: TraceFrame, stampNs: bigint, sequence: number): PerceptionResult {
  return {
    camera: 'street',
    sequence,
    stampNs,
    frameId: 'street',
    width: 320,
    height: 180,
    detections: frame.detections.map(({ classId, score, box: [x1, y1, x2, y2], trackId }) => ({
      classId,
      label: streetLabels[classId] ?? 'unknown',
      score,
      box: { x1, y1, x2, y2 },
      ...(trackId === undefined ? {} : { trackId }),
    })),
    identity,
    timings: { preprocessMs: 1, inferMs: 10, postprocessMs: 1 },
    candidates: frame.candidates,
    captureToPublishMs: 15,
  };
}

/** Recordings one after the other on one clock, as a camera would deliver them. */
export class Player {
  atMs = 0;
  #sequence = 0;

  play(
    frames: readonly TraceFrame[],
    timeOfDay: TimeOfDay,
    take: (frame: TraceFrame, result: PerceptionResult, atMs: number) => void,
  ): void {
    for (const frame of frames) {
      const stampNs = startOf[timeOfDay] + BigInt(Math.round(this.atMs * 1e6));
      take(frame, resultOf(frame, stampNs, this.#sequence++), this.atMs);
      this.atMs += 1000 / framesPerSecond;
    }
  }
}

export function learn(parts: readonly (readonly [TimeOfDay, readonly TraceFrame[]])[]): ReferenceProfile {
  const builder = new ProfileBuilder({ modelDigest: identity.digest, camera: 'street', buckets: 2 });
  const player = new Player();
  for (const [timeOfDay, frames] of parts) {
    player.play(frames, timeOfDay, (frame, result, atMs) => builder.observe(frame.thumbnail, result, atMs));
  }
  return builder.finish();
}

export { DriftMonitor };
