import { metricNames } from '../../api/index.ts';
import type { LatestMetric, MetricSeries } from '../api/types.ts';
import { spacingOf } from '../ui/spacing.ts';

/** What a device does not measure is not shown, rather than shown as zero. */
export function measures(metrics: readonly LatestMetric[], name: string): boolean {
  return metrics.some((metric) => metric.name === name);
}

/** Sum of the newest values of all series of a counter or gauge, e.g. over cameras; undefined where there is none. */
export function totalOf(metrics: readonly LatestMetric[], name: string): number | undefined {
  const values = metrics.filter((metric) => metric.name === name && metric.value !== undefined);
  return values.length === 0 ? undefined : values.reduce((sum, metric) => sum + (metric.value ?? 0), 0);
}

export interface StageTime {
  readonly name: string;
  readonly meanMs: number;
  readonly p99Ms: number;
}

const stages = [
  ['preprocess', metricNames.preprocess],
  ['inference', metricNames.infer],
  ['postprocess', metricNames.postprocess],
] as const;

/** Time of each stage over all cameras, milliseconds, in the order of the pipeline; the p99 is that of the slowest. */
export function stageTimes(metrics: readonly LatestMetric[]): StageTime[] {
  return stages.flatMap(([name, metricName]) => {
    const found = metrics.flatMap((metric) =>
      metric.name === metricName && metric.histogram && metric.histogram.count > 0 ? [metric.histogram] : [],
    );
    const frames = found.reduce((sum, histogram) => sum + histogram.count, 0);
    if (frames === 0) return [];
    const seconds = found.reduce((sum, histogram) => sum + histogram.sum, 0);
    const p99Ms = Math.max(...found.map((histogram) => histogram.p99)) * 1000;
    return [{ name, meanMs: (seconds / frames) * 1000, p99Ms }];
  });
}

/** The series of signals that went farthest from usual in this time, the farthest first. */
export function strongestSignals(series: readonly MetricSeries[], most: number): MetricSeries[] {
  const reach = (one: MetricSeries) =>
    Math.max(0, ...[...(one.max ?? []), ...(one.min ?? [])].map((value) => Math.abs(value ?? 0)));
  return [...series].sort((a, b) => reach(b) - reach(a)).slice(0, most);
}

export type ColumnName = 'avg' | 'max' | 'last' | 'rate' | 'p50' | 'p95' | 'p99';
export type Merge = 'sum' | 'max' | 'mean';

export interface Columns {
  readonly timeMs: readonly number[];
  readonly values: readonly (readonly (number | null)[])[];
}

/**
 * Series that may have different times (one per camera) on one time axis: one column of values per name in `columns`,
 * the series of one time merged. Versions of a model that followed each other within a step are one thing: their mean by
 * count stands for it. A hole of more than three steps becomes a gap in the line.
 */
export function alignSeries(
  series: readonly MetricSeries[],
  columns: readonly ColumnName[],
  merge: Merge,
  stepMs: number,
): Columns {
  const times = [...new Set(series.flatMap((one) => one.timeMs))].sort((a, b) => a - b);
  const timeMs: number[] = [];
  const gapMs = 3 * Math.max(stepMs, spacingOf(times));
  for (const time of times) {
    const last = timeMs.at(-1);
    if (last !== undefined && time - last > gapMs) timeMs.push(last + stepMs);
    timeMs.push(time);
  }
  const places = new Map(timeMs.map((time, place) => [time, place]));
  const values = columns.map((column) => {
    const found = timeMs.map(() => new Map<string, Mean>());
    for (const one of series) {
      const thing = thingOf(one);
      one.timeMs.forEach((time, index) => {
        const value = one[column]?.[index];
        const place = places.get(time);
        if (value === null || value === undefined || place === undefined) return;
        const mean = found[place]!.get(thing) ?? { sum: 0, weight: 0, most: value };
        const weight = Math.max(one.count[index] ?? 1, Number.EPSILON);
        found[place]!.set(thing, {
          sum: mean.sum + value * weight,
          weight: mean.weight + weight,
          most: Math.max(mean.most, value),
        });
      });
    }
    return found.map((things) => mergeValues([...things.values()], merge));
  });
  return { timeMs, values };
}

interface Mean {
  readonly sum: number;
  readonly weight: number;
  readonly most: number;
}

/** What a series measures, whichever model it ran with. */
function thingOf({ labels: { model: _, version: __, ...others } }: MetricSeries): string {
  return JSON.stringify(Object.entries(others).sort());
}

function mergeValues(things: readonly Mean[], merge: Merge): number | null {
  if (things.length === 0) return null;
  if (merge === 'max') return Math.max(...things.map(({ most }) => most));
  const sum = things.reduce((total, one) => total + one.sum / one.weight, 0);
  return merge === 'sum' ? sum : sum / things.length;
}
