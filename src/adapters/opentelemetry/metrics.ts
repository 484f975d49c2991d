import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';

/** One metric as a program shows it now. */
export interface ShownMetric {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly unit: string;
  readonly help: string;
  readonly series: readonly ShownSeries[];
}

export interface ShownSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | ShownBuckets;
}

export interface ShownBuckets {
  readonly bounds: readonly number[];
  /** Of each bound those that are at most there; `count` has the rest. */
  readonly atMost: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/**
 * Names of units in UCUM: https://ucum.org. What is counted has none: receivers that name metrics as Prometheus does append `_ratio` to
 * a gauge of unit 1, and no query would find it.
 */
const ucum: Readonly<Record<string, string>> = {
  ...{ seconds: 's', bytes: 'By', celsius: 'Cel', watts: 'W', joules: 'J', hertz: 'Hz', '1': '' },
};

/** As the SDK has it; totals are since the program started. */
export function metricData(shown: ShownMetric, startMs: number, nowMs: number): MetricData {
  const { name, help, unit, kind, series } = shown;
  const descriptor = {
    name,
    description: help,
    unit: ucum[unit] ?? unit,
    valueType: ValueType.DOUBLE,
    advice: {},
  };
  const times = { startTime: timeOf(startMs), endTime: timeOf(nowMs) };
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;
  if (kind === 'histogram')
    return {
      ...{ descriptor, aggregationTemporality, dataPointType: DataPointType.HISTOGRAM },
      dataPoints: series.flatMap(({ labels, value }) =>
        typeof value === 'number' ? [] : [{ ...times, attributes: { ...labels }, value: histogramOf(value) }],
      ),
    };
  const dataPoints = series.flatMap(({ labels, value }) =>
    typeof value === 'number' && Number.isFinite(value)
      ? [{ ...times, attributes: { ...labels }, value }]
      : [],
  );
  return kind === 'counter'
    ? { descriptor, aggregationTemporality, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints };
}

function histogramOf({ bounds, atMost, count, sum }: ShownBuckets) {
  const counts = atMost.map((up, at) => up - (atMost[at - 1] ?? 0));
  return {
    ...{ count, sum },
    buckets: { boundaries: [...bounds], counts: [...counts, count - (atMost.at(-1) ?? 0)] },
  };
}

/** Seconds and nanoseconds. */
export function timeOf(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
