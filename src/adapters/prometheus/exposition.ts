import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { metricOf } from '../../protocol/index.ts';
import { classicEdges, type Reading } from '../../telemetry/index.ts';

type HistogramReading = Extract<Reading, { kind: 'histogram' }>;

/** prom-client's histogram counts by itself; ours has counted already and only needs to be shown. */
class CountedHistogram extends Histogram<string> {
  readonly #shape: { readonly name: string; readonly help: string };
  readonly #readings: readonly HistogramReading[];

  constructor(name: string, help: string, readings: readonly HistogramReading[]) {
    super({ name, help, registers: [] });
    this.#shape = { name, help };
    this.#readings = readings;
  }

  /** What a registry asks of a histogram; prom-client's types leave it out. */
  async getForPromString() {
    const values = this.#readings.flatMap(({ name, labels, count, sum, atMost }) => [
      ...classicEdges.map((edge, at) => ({
        metricName: `${name}_bucket`,
        labels: { ...labels, le: `${edge}` },
        value: atMost[at] ?? 0,
      })),
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ]);
    return { ...this.#shape, type: 'histogram', values };
  }
}

/** The readings in Prometheus' text format. A registry per scrape: what is not read any more is not shown any more. */
export function exposition(readings: readonly Reading[]): Promise<string> {
  const registry = new Registry();
  const byName = new Map<string, Reading[]>();
  for (const reading of readings) byName.set(reading.name, [...(byName.get(reading.name) ?? []), reading]);
  for (const [name, group] of byName) {
    const [first] = group;
    if (first === undefined) continue;
    const help = metricOf(name)?.help ?? name;
    const labelNames = [...new Set(group.flatMap(({ labels }) => Object.keys(labels)))];
    if (first.kind === 'histogram') {
      const counted = group.flatMap((one) => (one.kind === 'histogram' ? [one] : []));
      registry.registerMetric(new CountedHistogram(name, help, counted));
      continue;
    }
    const options = { name, help, labelNames, registers: [registry] };
    const counter = first.kind === 'counter' ? new Counter(options) : undefined;
    const gauge = counter === undefined ? new Gauge(options) : undefined;
    for (const reading of group) {
      if (reading.kind === 'histogram') continue;
      counter?.inc(reading.labels, reading.value);
      gauge?.set(reading.labels, reading.value);
    }
  }
  return registry.metrics();
}

export const contentType = Registry.PROMETHEUS_CONTENT_TYPE;
