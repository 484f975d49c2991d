import { metricNames } from '../../protocol/index.ts';
import type { Device } from '../fleet/device.ts';
import { reportShadow, type ShadowedCamera, type ShadowReport } from '../rollouts/gates/index.ts';

/** What a shadow and the model beside it came to since they are what they are, by the sums that their device sent last. */
export function shadowSoFar(device: Pick<Device, 'id' | 'latest'>, slot: string): ShadowReport {
  const sums = new Map<string, Map<string, number>>();
  for (const { series, value } of device.latest.values()) {
    const { camera, slot: own } = series.labels;
    if (own !== slot || camera === undefined) continue;
    const known = sums.get(camera) ?? new Map<string, number>();
    sums.set(camera, known.set(series.name, value));
  }
  const cameras = [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([camera, own]): ShadowedCamera => {
      const of = (name: string) => own.get(name) ?? 0;
      const serveBoxes = of(metricNames.shadowServeBoxes);
      const whole = {
        ...{ startMs: 0, frames: of(metricNames.shadowFrames), serveBoxes },
        ...{ disagreements: of(metricNames.shadowDisagreements), shadowBoxes: of(metricNames.shadowBoxes) },
        // The share is told, the number of boxes is its product.
        agreedBoxes: of(metricNames.shadowRecall) * serveBoxes,
        classFlips: of(metricNames.shadowClassFlips),
      };
      return { device: device.id, camera, blocks: whole.frames > 0 ? [whole] : [] };
    });
  return reportShadow(cameras);
}
