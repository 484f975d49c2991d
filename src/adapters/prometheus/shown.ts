import type { Registry } from 'prom-client';
import type { MetricRow } from '../../protocol/index.ts';

interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** Metrics of a registry by name, with the counts of a histogram put together: for others than Prometheus. */
export async function shownBy(registry: Registry, rows: readonly MetricRow[]) {
  const units = new Map(rows.map(({ name, unit }) => [name, unit]));
  const all = await registry.getMetricsAsJSON();
  return all.map(({ name, help, type, values }) => {
    const kind = `${type}` as MetricRow['kind'];
    const samples = (values as readonly Sample[]).map(({ metricName = name, labels, value }) => ({
      ...{
        metricName,
        value,
        le: labels.le === undefined ? undefined : Number(labels.le === '+Inf' ? Infinity : labels.le),
      },
      labels: Object.fromEntries(
        Object.entries(labels).flatMap(([label, of]) => (label === 'le' ? [] : [[label, String(of)]])),
      ),
    }));
    const series =
      kind === 'histogram'
        ? histograms(name, samples)
        : samples.map(({ labels, value }) => ({ labels, value }));
    return { name, help, kind, unit: units.get(name) ?? '1', series };
  });
}

function histograms(
  name: string,
  samples: readonly {
    metricName: string;
    labels: Record<string, string>;
    value: number;
    le: number | undefined;
  }[],
) {
  const found = new Map<string, { labels: Record<string, string>; value: Buckets }>();
  for (const { metricName, labels, value, le } of samples) {
    const key = JSON.stringify(Object.entries(labels).sort());
    const one = found.get(key) ?? { labels, value: { bounds: [], atMost: [], count: 0, sum: 0 } };
    found.set(key, one);
    if (metricName === `${name}_sum`) one.value.sum = value;
    else if (metricName === `${name}_count`) one.value.count = value;
    else if (le !== undefined && Number.isFinite(le)) {
      one.value.bounds.push(le);
      one.value.atMost.push(value);
    }
  }
  return [...found.values()];
}

interface Buckets {
  readonly bounds: number[];
  readonly atMost: number[];
  count: number;
  sum: number;
}
