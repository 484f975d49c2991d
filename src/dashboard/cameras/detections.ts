import type { MetricSeries } from '../api/types.ts';
import { alignSeries } from '../device/metrics.ts';

export interface ClassLine {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

export interface ClassLines {
  readonly timeMs: readonly number[];
  readonly lines: readonly ClassLine[];
}

const perMinute = 60;

/** Detections per minute of the most frequent classes, and of all others together, on one time axis. */
export function classLines(series: readonly MetricSeries[], most: number, stepMs: number): ClassLines {
  const { timeMs } = alignSeries(series, ['rate'], 'sum', stepMs);
  const byClass = new Map<string, MetricSeries[]>();
  for (const one of series) {
    const name = one.labels.class ?? '';
    byClass.set(name, [...(byClass.get(name) ?? []), one]);
  }
  const ranked = [...byClass].sort((a, b) => totalOf(b[1]) - totalOf(a[1]));
  const named = ranked.length <= most ? ranked : ranked.slice(0, most - 1);
  const rest = ranked.slice(named.length).flatMap(([, own]) => own);
  const lines = [...named, ...(rest.length === 0 ? [] : [['others', rest] as const])];
  return { timeMs, lines: lines.map(([name, own]) => ({ name, values: valuesOf(own, timeMs, stepMs) })) };
}

function valuesOf(
  series: readonly MetricSeries[],
  timeMs: readonly number[],
  stepMs: number,
): (number | null)[] {
  const own = alignSeries(series, ['rate'], 'sum', stepMs);
  const at = new Map(own.timeMs.map((time, index) => [time, own.values[0]?.[index]]));
  return timeMs.map((time) => {
    const value = at.get(time);
    return value === null || value === undefined ? null : value * perMinute;
  });
}

function totalOf(series: readonly MetricSeries[]): number {
  return series.reduce(
    (sum, { rate = [] }) => sum + rate.reduce<number>((own, one) => own + (one ?? 0), 0),
    0,
  );
}
