import type { MetricSeries, Tier } from '../../api/index.ts';
import { ExponentialHistogram, LimitError } from '../../base/index.ts';
import type { HistogramValue, MetricKind } from '../../protocol/index.ts';
import type { SeriesRow } from '../store/rows.ts';

/**
 * What is kept of all samples of one series in one span of time. Merging is commutative and associative, so late and
 * reordered batches give the same roll-up as punctual ones.
 */
export interface Aggregate {
  /** Samples of a gauge or counter; 0 for a histogram, whose values are counted in it. */
  count: number;
  sum: number;
  min: number;
  max: number;
  /** The newest sample. */
  last: number;
  lastMs: number;
  histogram: ExponentialHistogram | undefined;
}

export const tierSpanMs: Readonly<Record<Exclude<Tier, 'raw'>, number>> = { minute: 60_000, hour: 3_600_000 };

export function emptyAggregate(): Aggregate {
  return {
    count: 0,
    sum: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    last: 0,
    lastMs: Number.NEGATIVE_INFINITY,
    histogram: undefined,
  };
}

export function addSample(into: Aggregate, timeMs: number, value: number): void {
  into.count += 1;
  into.sum += value;
  if (value < into.min) into.min = value;
  if (value > into.max) into.max = value;
  // At equal times the greater wins: any rule will do that does not depend on the order of arrival.
  if (timeMs > into.lastMs || (timeMs === into.lastMs && value > into.last)) {
    into.last = value;
    into.lastMs = timeMs;
  }
}

export function addHistogramSample(into: Aggregate, value: HistogramValue): void {
  into.histogram ??= new ExponentialHistogram();
  into.histogram.add(value);
}

export function mergeAggregate(into: Aggregate, other: Aggregate): void {
  into.count += other.count;
  into.sum += other.sum;
  if (other.min < into.min) into.min = other.min;
  if (other.max > into.max) into.max = other.max;
  if (other.lastMs > into.lastMs || (other.lastMs === into.lastMs && other.last > into.last)) {
    into.last = other.last;
    into.lastMs = other.lastMs;
  }
  if (other.histogram !== undefined) {
    into.histogram ??= new ExponentialHistogram();
    into.histogram.add(other.histogram);
  }
}

/** The tier whose spans are not wider than the step, and not so fine that an answer would read the whole database. */
export function tierFor(stepMs: number, rangeMs: number): Tier {
  if (stepMs >= tierSpanMs.hour) return 'hour';
  if (stepMs >= tierSpanMs.minute || rangeMs > 6 * tierSpanMs.hour) return 'minute';
  return 'raw';
}

/** Of one answer, all series together: a point has up to eight numbers. */
const maxPoints = 50_000;
/** In memory while an answer is made, all devices apart. */
const maxCells = 1_000_000;

/**
 * Collects aggregates into steps, per device, and gives the columns of a chart. LimitError `range-too-wide` for an answer
 * that would be too large.
 */
export class SeriesBuilder {
  readonly #fromMs: number;
  readonly #stepMs: number;
  readonly #buckets: boolean;
  #cellCount = 0;
  /** series -> device -> step -> aggregate; devices stay apart until the end because counters need it. */
  readonly #cells = new Map<number, Map<number, Map<number, Aggregate>>>();

  /** `buckets`: the counts of histograms too. */
  constructor(fromMs: number, stepMs: number, buckets = false) {
    this.#buckets = buckets;
    this.#fromMs = Math.floor(fromMs / stepMs) * stepMs;
    this.#stepMs = stepMs;
  }

  cell(series: number, device: number, timeMs: number): Aggregate {
    const devices = entry(this.#cells, series, () => new Map<number, Map<number, Aggregate>>());
    const steps = entry(devices, device, () => new Map<number, Aggregate>());
    return entry(steps, Math.floor((timeMs - this.#fromMs) / this.#stepMs), () => {
      this.#cellCount += 1;
      if (this.#cellCount > maxCells) throw tooWide(maxCells);
      return emptyAggregate();
    });
  }

  build(rows: ReadonlyMap<number, SeriesRow>): MetricSeries[] {
    const answer: MetricSeries[] = [];
    let points = 0;
    for (const [id, devices] of this.#cells) {
      const row = rows.get(id);
      if (row === undefined) continue;
      const columns = this.#columns(row, devices);
      points += columns.timeMs.length;
      if (points > maxPoints) throw tooWide(maxPoints);
      answer.push(columns);
    }
    return answer.sort((a, b) => (JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1));
  }

  #columns(row: SeriesRow, devices: ReadonlyMap<number, ReadonlyMap<number, Aggregate>>): MetricSeries {
    const merged = new Map<number, Aggregate>();
    const rates = new Map<number, number>();
    for (const steps of devices.values()) {
      for (const [step, aggregate] of steps) {
        const into = entry(merged, step, emptyAggregate);
        const lastSum = (into.count === 0 ? 0 : into.last) + aggregate.last;
        mergeAggregate(into, aggregate);
        // Counters of several devices are added, not replaced by the newest.
        if (row.kind === 'counter') into.last = lastSum;
      }
      if (row.kind === 'counter') addRates(rates, steps);
    }
    const order = [...merged.keys()].sort((a, b) => a - b);
    const column = (of: (aggregate: Aggregate, step: number) => number | undefined) =>
      order.map((step) => {
        const value = of(merged.get(step)!, step);
        return value === undefined || !Number.isFinite(value) ? null : value;
      });
    const base = {
      name: row.name,
      labels: { ...row.labels },
      unit: row.unit,
      kind: row.kind,
      timeMs: order.map((step) => this.#fromMs + step * this.#stepMs),
      count: order.map((step) => countOf(merged.get(step)!)),
    };
    const counts = order.map((step) => {
      const { histogram } = merged.get(step)!;
      return histogram === undefined ? null : [...histogram.buckets].sort((a, b) => a[0] - b[0]);
    });
    return {
      ...{ ...base, ...valueColumns(row.kind, column, rates) },
      ...(this.#buckets && row.kind === 'histogram' ? { buckets: counts } : {}),
    };
  }
}

function tooWide(limit: number): LimitError {
  return new LimitError(
    'range-too-wide',
    `The answer would have more than ${limit} points in all its series.`,
    'Ask for a larger step, a shorter time, fewer devices, or the series with one label.',
  );
}

function entry<V>(map: Map<number, V>, key: number, make: () => V): V {
  let found = map.get(key);
  if (found === undefined) {
    found = make();
    map.set(key, found);
  }
  return found;
}

type ColumnOf = (of: (aggregate: Aggregate, step: number) => number | undefined) => (number | null)[];

function valueColumns(kind: MetricKind, column: ColumnOf, rates: ReadonlyMap<number, number>) {
  if (kind === 'histogram') {
    const at = (q: number) =>
      column((a) => (a.histogram === undefined ? undefined : a.histogram.quantile(q)));
    const avg = column((a) => (a.histogram === undefined ? undefined : a.histogram.sum / a.histogram.count));
    return { avg, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
  const last = column((a) => a.last);
  if (kind === 'counter') return { last, rate: column((_, step) => rates.get(step)) };
  return { avg: column((a) => a.sum / a.count), min: column((a) => a.min), max: column((a) => a.max), last };
}

function countOf(aggregate: Aggregate): number {
  return aggregate.count + (aggregate.histogram?.count ?? 0);
}

/** Growth per second between the last samples of two steps; a counter that fell was started again from zero. */
function addRates(into: Map<number, number>, steps: ReadonlyMap<number, Aggregate>): void {
  const order = [...steps.entries()].sort((a, b) => a[0] - b[0]);
  for (let i = 1; i < order.length; i++) {
    const [step, now] = order[i]!;
    const before = order[i - 1]![1];
    const seconds = (now.lastMs - before.lastMs) / 1000;
    if (seconds <= 0) continue;
    const growth = now.last >= before.last ? now.last - before.last : now.last;
    into.set(step, (into.get(step) ?? 0) + growth / seconds);
  }
}
