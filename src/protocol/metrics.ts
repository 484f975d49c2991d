import { boardMetrics } from './metrics/board-metrics.ts';
import { modelMetrics } from './metrics/model-metrics.ts';
import type { MetricRow } from './metrics/row.ts';
import { trafficMetrics } from './metrics/traffic-metrics.ts';
import type { MetricKind } from './payloads.ts';

export { type MetricRow, metricRow } from './metrics/row.ts';

/** As metrics name the model of a device that has none. */
export const noModelName = 'none';

/**
 * The metrics of a device that agent, controller and dashboard agree on: instruments, `/metrics` of an agent, the page of
 * metrics and the dashboards for Grafana are made from it. A device may send more; these ones have a meaning to the fleet.
 */
export const deviceMetrics = { ...modelMetrics, ...boardMetrics, ...trafficMetrics } as const;

type Rows = typeof deviceMetrics;

/** Their names, for what asks by name. */
export const metricNames = Object.fromEntries(
  Object.entries(deviceMetrics).map(([key, { name }]) => [key, name]),
) as { readonly [Key in keyof Rows]: Rows[Key]['name'] };

const byName: ReadonlyMap<string, MetricRow> = new Map(
  Object.values(deviceMetrics).map((row) => [row.name, row]),
);

export function metricOf(name: string): MetricRow | undefined {
  return byName.get(name);
}

/** The kind of a metric by its name; undefined for one that is no metric of Goshawk and names no kind. */
export function kindOfMetric(name: string): MetricKind | undefined {
  return name.endsWith('_total') ? 'counter' : metricOf(name)?.kind;
}
