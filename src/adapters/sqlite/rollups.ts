import {
  type Aggregate,
  addHistogramSample,
  addSample,
  emptyAggregate,
  type MetricsRow,
  mergeAggregate,
  tierSpanMs,
} from '../../controller/index.ts';
import { decodeAggregates, encodeAggregates } from './blocks.ts';
import { deviceFactor } from './schema.ts';
import type { Statements } from './statements.ts';

type Span = Map<number, Aggregate>;
const tiers = ['minute', 'hour'] as const;

/** Collects the samples of one commit and merges them into the stored roll-ups, once per device and span. */
export class RollupWriter {
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

  /** Returns how many bytes each tier grew. */
  write(sql: Statements): Record<(typeof tiers)[number], number> {
    this.#spread();
    const grown = { minute: 0, hour: 0 };
    for (const tier of tiers)
      for (const [key, span] of [...this.#spans[tier]].sort((a, b) => a[0] - b[0]))
        grown[tier] += mergeRow(sql, tier, key, span);
    return grown;
  }

  #aggregate(tier: (typeof tiers)[number], device: number, timeMs: number, series: number): Aggregate {
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

/** Key of the row of a device (0: the fleet) in the span that holds `timeMs`. */
export function rollupKey(tier: 'minute' | 'hour', device: number, timeMs: number): number {
  return Math.floor(timeMs / tierSpanMs[tier]) * deviceFactor + device;
}

export function spanStart(tier: 'minute' | 'hour', key: number): number {
  return Math.floor(key / deviceFactor) * tierSpanMs[tier];
}

function mergeRow(sql: Statements, tier: (typeof tiers)[number], key: number, span: Span): number {
  const startMs = spanStart(tier, key);
  const before = sql.get(`SELECT data FROM ${tier} WHERE key = ?`, key)?.data;
  if (!(before instanceof Uint8Array)) {
    const data = encodeAggregates(startMs, span);
    sql.run(`INSERT INTO ${tier} VALUES (?, ?)`, key, data);
    return data.byteLength;
  }
  const merged = decodeAggregates(startMs, before);
  for (const [series, aggregate] of span) {
    const into = merged.get(series);
    if (into === undefined) merged.set(series, aggregate);
    else mergeAggregate(into, aggregate);
  }
  const data = encodeAggregates(startMs, merged);
  sql.run(`UPDATE ${tier} SET data = ? WHERE key = ?`, data, key);
  return data.byteLength - before.byteLength;
}
