import type { GateSubject } from '../gates/index.ts';
import type { ShadowCamera } from './shadow-sums.ts';
import type { WaveDevice } from './wave-device.ts';

/** A shadow and the model beside it as two subjects: the treated one is the shadow, its control what serves on those frames. */
export function shadowSubjects(
  { device, changedMs, cameras }: WaveDevice,
  found: readonly ShadowCamera[],
): GateSubject[] {
  return found
    .filter(({ camera }) => cameras === undefined || cameras.includes(camera))
    .flatMap(({ camera, blocks }) => {
      const about = { device, camera, changedMs: changedMs ?? blocks[0]?.startMs };
      const perFrame = (sum: number, frames: number) => ({ value: sum / frames, weight: frames });
      const shadow = blocks.map(({ startMs, frames, shadowBoxes, disagreements }) => ({
        startMs,
        values: { detections: perFrame(shadowBoxes, frames), agreement: perFrame(disagreements, frames) },
      }));
      const serving = blocks.map(({ startMs, frames, serveBoxes }) => ({
        startMs,
        values: { detections: perFrame(serveBoxes, frames) },
      }));
      return [
        { ...about, arm: 'treated' as const, blocks: shadow },
        { ...about, arm: 'control' as const, blocks: serving },
      ];
    });
}
