import type { MetricKind } from '../payloads.ts';

/** One metric of the catalogue. Names follow Prometheus: base units, `_total` for counters. */
export interface MetricRow<Name extends string = string, Kind extends MetricKind = MetricKind> {
  readonly name: Name;
  readonly kind: Kind;
  /** `seconds`, `bytes`, `celsius`, `watts`, `joules`, `hertz`; `1` for what has none; `currency`: as its label says. */
  readonly unit: string;
  /** Every label that a series of it may have. */
  readonly labels: readonly string[];
  /** For people: `# HELP`, the page of metrics, the panels of dashboards. */
  readonly help: string;
}

export function metricRow<const Name extends string, const Kind extends MetricKind>(
  kind: Kind,
  name: Name,
  unit: string,
  labels: string,
  help: string,
): MetricRow<Name, Kind> {
  return { name, kind, unit, labels: labels.split(' ').filter((one) => one !== ''), help };
}
