import type { MetricsRow } from '../store/rows.ts';
import { decodeAggregates, encodeAggregates } from './blocks.ts';
import {
  type Aggregate,
  addHistogramSample,
  addSample,
  emptyAggregate,
  mergeAggregate,
  tierSpanMs,
} from './rollup.ts';

/** All series of one device in one span. */
export type Span = Map<number, Aggregate>;
export type RollupTier = 'minute' | 'hour';

/** Numbers of devices are below it. Device 0 is the whole fleet. */
export const deviceFactor = 2 ** 21;

/**
 * Key of the roll-up of a device in the span that holds `timeMs`: one span of all devices lies together, so that writes
 * go to the end and old spans are dropped as one range.
 */
export function rollupKey(tier: RollupTier, device: number, timeMs: number): number {
  return Math.floor(timeMs / tierSpanMs[tier]) * deviceFactor + device;
}

export function spanStart(tier: RollupTier, key: number): number {
  return Math.floor(key / deviceFactor) * tierSpanMs[tier];
}

/** Collects the samples of one commit into roll-ups, one per device and span, to be merged into what is stored. */
export class RollupSpans {
  readonly #spans = { minute: new Map<number, Span>(), hour: new Map<number, Span>() };

  add(device: number, row: MetricsRow): void {
    const histograms = new Map(row.histograms.map(({ index, value }) => [index, value]));
    row.series.forEach((series, index) => {
      const timeMs = row.timesMs[index] ?? 0;
      const aggregate = this.#aggregate('minute', device, timeMs, series);
      const histogram = histograms.get(index);
      if (histogram !== undefined) addHistogramSample(aggregate, histogram);
      else addSample(aggregate, timeMs, row.values[index] ?? 0);
    });
  }

  /** Once, after the last sample: by key, in the order of the keys. */
  spread(): Record<RollupTier, readonly (readonly [key: number, span: Span])[]> {
    this.#spread();
    const sorted = (tier: RollupTier) => [...this.#spans[tier]].sort((a, b) => a[0] - b[0]);
    return { minute: sorted('minute'), hour: sorted('hour') };
  }

  #aggregate(tier: RollupTier, device: number, timeMs: number, series: number): Aggregate {
    const key = rollupKey(tier, device, timeMs);
    const spans = this.#spans[tier];
    let span = spans.get(key);
    if (span === undefined) {
      span = new Map();
      spans.set(key, span);
    }
    let aggregate = span.get(series);
    if (aggregate === undefined) {
      aggregate = emptyAggregate();
      span.set(series, aggregate);
    }
    return aggregate;
  }

  /** From a device's minutes to its hours and to the fleet's minutes and hours. */
  #spread(): void {
    for (const [key, span] of [...this.#spans.minute]) {
      const device = key % deviceFactor;
      const startMs = spanStart('minute', key);
      for (const [series, aggregate] of span) {
        mergeAggregate(this.#aggregate('hour', device, startMs, series), aggregate);
        mergeAggregate(this.#aggregate('minute', 0, startMs, series), aggregate);
        mergeAggregate(this.#aggregate('hour', 0, startMs, series), aggregate);
      }
    }
  }
}

/** The block of a span, with what is stored of it already. */
export function mergeSpan(startMs: number, span: Span, before: Uint8Array | undefined): Uint8Array {
  if (before === undefined) return encodeAggregates(startMs, span);
  const merged = decodeAggregates(startMs, before);
  for (const [series, aggregate] of span) {
    const into = merged.get(series);
    if (into === undefined) merged.set(series, aggregate);
    else mergeAggregate(into, aggregate);
  }
  return encodeAggregates(startMs, merged);
}
