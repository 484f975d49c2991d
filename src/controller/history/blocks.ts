import { ExponentialHistogram } from '../../base/index.ts';
import type { HistogramValue } from '../../protocol/index.ts';
import type { MetricsRow } from '../store/rows.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { type Aggregate, emptyAggregate } from './rollup.ts';

/*
 * Samples of one batch as one block, and roll-ups of all series of a device in one span as one block: a row per value
 * would cost 35 times the time. Format 1, by series and skippable; integers as deltas, everything else as doubles.
 */

const format = 1;
const integers = 0;
const doubles = 1;
const histograms = 2;

const outer = new ByteWriter();
const inner = new ByteWriter();

/** Samples of `row`, grouped by series. */
export function encodeSamples(row: MetricsRow): Uint8Array {
  const times = [...new Set(row.timesMs)].sort((a, b) => a - b);
  const timeIndex = new Map(times.map((timeMs, index) => [timeMs, index]));
  const bySeries = new Map<number, number[]>();
  row.series.forEach((series, index) => {
    const indexes = bySeries.get(series);
    if (indexes === undefined) bySeries.set(series, [index]);
    else indexes.push(index);
  });
  const values = new Map(row.histograms.map(({ index, value }) => [index, value]));
  outer.reset();
  outer.varint(format);
  outer.varint(times.length);
  times.forEach((timeMs, index) => {
    outer.varint(index === 0 ? timeMs : timeMs - (times[index - 1] ?? 0));
  });
  outer.varint(bySeries.size);
  for (const [series, indexes] of bySeries) {
    indexes.sort((a, b) => (row.timesMs[a] ?? 0) - (row.timesMs[b] ?? 0));
    outer.varint(series);
    encodeSeries(
      indexes.map((index) => timeIndex.get(row.timesMs[index] ?? 0) ?? 0),
      indexes.map((index) => values.get(index) ?? row.values[index] ?? 0),
      times.length,
    );
    outer.block(inner);
  }
  return outer.take();
}

function encodeSeries(
  timeIndexes: readonly number[],
  values: readonly (number | HistogramValue)[],
  times: number,
): void {
  inner.reset();
  const kind = kindOf(values);
  const all = timeIndexes.length === times && timeIndexes.every((value, index) => value === index);
  inner.varint(kind * 2 + (all ? 1 : 0));
  if (!all) {
    inner.varint(timeIndexes.length);
    let before = 0;
    for (const index of timeIndexes) {
      inner.varint(index - before);
      before = index;
    }
  }
  let before = 0;
  for (const value of values) {
    if (typeof value !== 'number') encodeHistogramValue(value);
    else if (kind === doubles) inner.double(value);
    else {
      inner.signed(value - before);
      before = value;
    }
  }
}

function kindOf(values: readonly (number | HistogramValue)[]): number {
  if (values.some((value) => typeof value !== 'number')) return histograms;
  // Half of the safe range, so that the difference of two is safe as well. -0 is not an integer that survives.
  const small = (value: unknown) =>
    Number.isSafeInteger(value) && Math.abs(value as number) < 2 ** 50 && !Object.is(value, -0);
  return values.every(small) ? integers : doubles;
}

function encodeHistogramValue(value: HistogramValue): void {
  inner.varint(value.zeros);
  inner.double(value.sum);
  inner.varint(value.buckets.length);
  let before = 0;
  for (const [index, count] of value.buckets) {
    inner.signed(index - before);
    inner.varint(count);
    before = index;
  }
}

/** Calls back for every sample of the wanted series. */
export function decodeSamples(
  bytes: Uint8Array,
  wanted: Pick<ReadonlySet<number>, 'has'>,
  sample: (series: number, timeMs: number, value: number | HistogramValue) => void,
): void {
  const reader = new ByteReader(bytes);
  expectFormat(reader);
  const times: number[] = [];
  for (let count = reader.varint(), last = 0; count > 0; count--) {
    last += reader.varint();
    times.push(last);
  }
  for (let count = reader.varint(); count > 0; count--) {
    const series = reader.varint();
    const end = reader.varint() + reader.at;
    if (wanted.has(series)) decodeSeries(reader, times, (timeMs, value) => sample(series, timeMs, value));
    reader.at = end;
  }
}

function decodeSeries(
  reader: ByteReader,
  times: readonly number[],
  sample: (timeMs: number, value: number | HistogramValue) => void,
): void {
  const head = reader.varint();
  const kind = head >> 1;
  const own: number[] = [];
  if ((head & 1) === 0)
    for (let count = reader.varint(), index = 0; count > 0; count--) {
      index += reader.varint();
      own.push(times[index] ?? 0);
    }
  let before = 0;
  for (const timeMs of (head & 1) === 1 ? times : own) {
    if (kind === histograms) sample(timeMs, decodeHistogramValue(reader));
    else if (kind === doubles) sample(timeMs, reader.double());
    else {
      before += reader.signed();
      sample(timeMs, before);
    }
  }
}

function decodeHistogramValue(reader: ByteReader): HistogramValue {
  const zeros = reader.varint();
  const sum = reader.double();
  const buckets: [number, number][] = [];
  for (let count = reader.varint(), index = 0; count > 0; count--) {
    index += reader.signed();
    buckets.push([index, reader.varint()]);
  }
  return { buckets, zeros, sum };
}

/** Roll-ups of all series in the span that starts at `startMs`. */
export function encodeAggregates(startMs: number, aggregates: ReadonlyMap<number, Aggregate>): Uint8Array {
  outer.reset();
  outer.varint(format);
  outer.varint(aggregates.size);
  for (const [series, aggregate] of aggregates) {
    outer.varint(series);
    inner.reset();
    const { histogram } = aggregate;
    inner.varint((aggregate.count > 0 ? 1 : 0) + (histogram === undefined ? 0 : 2));
    if (aggregate.count > 0) {
      inner.varint(aggregate.count);
      inner.signed(Math.round(aggregate.lastMs - startMs));
      inner.double(aggregate.sum);
      inner.double(aggregate.min);
      inner.double(aggregate.max);
      inner.double(aggregate.last);
    }
    if (histogram !== undefined) encodeHistogramValue(histogram.counts());
    outer.block(inner);
  }
  return outer.take();
}

/** All series, or the wanted ones alone. */
export function decodeAggregates(
  startMs: number,
  bytes: Uint8Array,
  wanted?: ReadonlySet<number>,
): Map<number, Aggregate> {
  const reader = new ByteReader(bytes);
  expectFormat(reader);
  const found = new Map<number, Aggregate>();
  for (let count = reader.varint(); count > 0; count--) {
    const series = reader.varint();
    const end = reader.varint() + reader.at;
    if (wanted?.has(series) ?? true) found.set(series, decodeAggregate(reader, startMs));
    reader.at = end;
  }
  return found;
}

function decodeAggregate(reader: ByteReader, startMs: number): Aggregate {
  const aggregate = emptyAggregate();
  const flags = reader.varint();
  if ((flags & 1) === 1) {
    aggregate.count = reader.varint();
    aggregate.lastMs = startMs + reader.signed();
    aggregate.sum = reader.double();
    aggregate.min = reader.double();
    aggregate.max = reader.double();
    aggregate.last = reader.double();
  }
  if ((flags & 2) === 2) {
    aggregate.histogram = ExponentialHistogram.of(decodeHistogramValue(reader));
  }
  return aggregate;
}

function expectFormat(reader: ByteReader): void {
  const found = reader.varint();
  if (found !== format) throw new RangeError(`Blocks of format ${found} are not known.`);
}
