import type { GateMetric, GateSubject } from '../../../src/controller/rollouts/gates/index.ts';
import { seriesOf } from '../../../src/controller/rollouts/gates/series.ts';
import { spreadOf } from '../../../src/controller/rollouts/gates/spread.ts';
import { comparisonOf } from '../../../src/controller/rollouts/gates/table.ts';
import { seededRandom } from '../../../src/drift/random.ts';
import { blockMinutes, blocksPerDay, SimulatedCamera, Weather } from './street-counts.ts';

const metrics: readonly (readonly [GateMetric, string?])[] = [
  ['detections'],
  ['class-mix', 'car'],
  ['class-mix', 'truck'],
  ['class-mix', 'pedestrian'],
  ['score'],
  ['frame-rate'],
  ['latency'],
  ['missed-target'],
  ['temperature'],
  ['memory'],
  ['memory-growth'],
];
const soaks = [15, 30, 60, 120, 240];

/** How far one camera's contrast strays over a soak where nothing is changed, by metric: what a plan without history takes. */
export function measureNoise(cameras: number, days: number): string[] {
  const subjects = Array.from({ length: cameras }, (_, seed): GateSubject => {
    const weather = new Weather(seededRandom(seed), days);
    const camera = new SimulatedCamera('c', seededRandom(seed + 5000), weather);
    const blocks = Array.from({ length: days * blocksPerDay }, (_, at) =>
      camera.block(at, undefined, undefined),
    );
    return { device: `d${seed}`, camera: 'c', arm: 'treated', changedMs: undefined, blocks };
  });
  const endMs = days * blocksPerDay * blockMinutes * 60_000;
  const grids = subjects.map((one) => seriesOf(one, () => true, { blockMinutes, settleMinutes: 5 }, endMs));
  return metrics.map(([metric, label]) => {
    const comparison = comparisonOf({ metric }, label);
    const series = grids.map((grid) => grid.get(comparison.key)!);
    const spreads = soaks.map((soakMinutes) =>
      spreadOf(comparison, series, { blockMinutes, soakMinutes: soakMinutes + 5, settleMinutes: 5 }),
    );
    return `| ${metric} ${label ?? ''} | ${spreads.map((one) => one?.toPrecision(3) ?? '-').join(' | ')} |`;
  });
}
