import { metricNames } from '../../protocol/index.ts';
import type { SeriesRow } from '../store/rows.ts';

/** Metrics that the fleet's overview shows, by what they mean. */
const names = [
  'fps',
  'latency',
  'temperature',
  'power',
  'memory',
  'processed',
  'diskFree',
  'diskSize',
] as const;
export type Vital = (typeof names)[number];

const vitals = new Map<string, Vital>(names.map((vital) => [metricNames[vital], vital]));

export function vitalOf(series: SeriesRow): Vital | undefined {
  return vitals.get(series.name);
}
