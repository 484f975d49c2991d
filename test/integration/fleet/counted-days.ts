import type { Store } from '../../../src/controller/index.ts';
import type { SeriesRow } from '../../../src/controller/store/rows.ts';
import { metricNames } from '../../../src/protocol/index.ts';

const blockMs = 300_000;
const model = { model: 'tiny', version: '1.0.0' };
const series: readonly SeriesRow[] = [
  { id: 1, name: metricNames.processed, labels: { camera: 'front', ...model } },
  { id: 2, name: metricNames.detections, labels: { camera: 'front', ...model } },
  { id: 3, name: metricNames.classDetections, labels: { camera: 'front', class: 'car' } },
  { id: 4, name: metricNames.classDetections, labels: { camera: 'front', class: 'person' } },
].map((row) => ({ ...row, unit: '1', kind: 'counter' }));

/**
 * Puts days of counts of a car and a person in nearly every frame into the database of a controller that does not run yet, and
 * closes it.
 */
export async function countedDays(store: Store, devices: readonly string[], days: number): Promise<void> {
  await store.load({ warningsMs: 0, incidentsMs: 0 });
  const nowMs = Date.now();
  const blocks = Math.round((days * 86_400_000) / blockMs);
  let noise = 7;
  // Streets are never the same.
  const found = (frames: number) => {
    noise = (noise * 16_807) % 2_147_483_647;
    return Math.round(frames * (0.9 + (0.1 * noise) / 2_147_483_647));
  };
  for (const device of devices) {
    const totals = [0, 0, 0, 0] as [number, number, number, number];
    const samples = Array.from({ length: blocks }, (_, at) => {
      const [cars, persons] = [found(600), found(600)];
      totals[0] += 600;
      totals[1] += cars + persons;
      totals[2] += cars;
      totals[3] += persons;
      return totals.map((value, index) => [nowMs - (blocks - at) * blockMs, index + 1, value] as const);
    }).flat();
    await store.commit({
      series,
      changes: [{ kind: 'device', device: { id: device } }],
      metrics: [
        {
          ...{ device, session: 1, sequence: 0 },
          timesMs: Float64Array.from(samples, ([timeMs]) => timeMs),
          series: Uint32Array.from(samples, ([, id]) => id),
          values: Float64Array.from(samples, ([, , value]) => value),
          histograms: [],
        },
      ],
    });
  }
  await store.close();
}
