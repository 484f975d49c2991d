import { metricOf } from '../../protocol/index.ts';
import { classicEdges, type Reading } from '../../telemetry/index.ts';
import type { ShownMetric } from './metrics.ts';

/** What an agent shows, by metric. */
export function shownReadings(readings: readonly Reading[]): ShownMetric[] {
  const byName = new Map<string, Reading[]>();
  for (const reading of readings) byName.set(reading.name, [...(byName.get(reading.name) ?? []), reading]);
  return [...byName].map(([name, group]) => {
    const [first] = group as [Reading, ...Reading[]];
    return {
      ...{ name, kind: first.kind, unit: first.unit, help: metricOf(name)?.help ?? '' },
      series: group.map((reading) => ({
        labels: reading.labels,
        value:
          reading.kind === 'histogram'
            ? { bounds: classicEdges, atMost: reading.atMost, count: reading.count, sum: reading.sum }
            : reading.value,
      })),
    };
  });
}
