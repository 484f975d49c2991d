import { metricNames } from '../../protocol/index.ts';
import type { SeriesRow } from '../store/rows.ts';

/** Metrics that the fleet's overview shows, by what they mean. */
export type Vital = 'fps' | 'latency' | 'temperature' | 'power' | 'memory' | 'processed';

const vitals = new Map<string, Vital>(
  (['fps', 'latency', 'temperature', 'power', 'memory', 'processed'] as const).map((vital) => [
    metricNames[vital],
    vital,
  ]),
);

export function vitalOf(series: SeriesRow): Vital | undefined {
  return vitals.get(series.name);
}
