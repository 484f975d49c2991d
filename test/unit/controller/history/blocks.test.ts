import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeAggregates,
  decodeSamples,
  encodeAggregates,
  encodeSamples,
} from '../../../../src/controller/history/blocks.ts';
import { ByteReader, ByteWriter } from '../../../../src/controller/history/bytes.ts';
import {
  addHistogramSample,
  addSample,
  emptyAggregate,
  type MetricsRow,
} from '../../../../src/controller/index.ts';
import type { HistogramValue } from '../../../../src/protocol/index.ts';

const histogram: fc.Arbitrary<HistogramValue> = fc.record({
  buckets: fc
    .uniqueArray(fc.tuple(fc.integer({ min: -1024, max: 1024 }), fc.integer({ min: 0, max: 2 ** 40 })), {
      selector: ([index]) => index,
      maxLength: 20,
    })
    .map((buckets) => buckets.sort((a, b) => a[0] - b[0])),
  zeros: fc.nat(),
  sum: fc.double({ noNaN: true, noDefaultInfinity: true }),
});
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const sample = fc.record({
  timeMs: fc.integer({ min: 0, max: 8.64e15 }),
  series: fc.integer({ min: 1, max: 200 }),
  value: fc.oneof({ weight: 5, arbitrary: number }, { weight: 1, arbitrary: histogram }),
});
type Sample = typeof sample extends fc.Arbitrary<infer T> ? T : never;

function rowOf(samples: readonly Sample[]): MetricsRow {
  return {
    device: 'd',
    session: 1,
    sequence: 0,
    timesMs: Float64Array.from(samples, ({ timeMs }) => timeMs),
    series: Uint32Array.from(samples, ({ series }) => series),
    values: Float64Array.from(samples, ({ value }) => (typeof value === 'number' ? value : Number.NaN)),
    histograms: samples.flatMap(({ value }, index) => (typeof value === 'number' ? [] : [{ index, value }])),
  };
}

const order = (samples: readonly Sample[]) =>
  samples.map((one) => JSON.stringify([one.series, one.timeMs, one.value, Object.is(one.value, -0)])).sort();

describe('blocks of samples', () => {
  test('give back every sample as it was, for any mixture', () => {
    // One series is of one kind: numbers and histograms do not mix within it.
    const apart = fc.array(sample, { maxLength: 60 }).map((samples) =>
      samples.map((one) => ({
        ...one,
        series: typeof one.value === 'number' ? one.series : one.series + 1000,
      })),
    );
    fc.assert(
      fc.property(apart, (samples) => {
        const found: Sample[] = [];
        const wanted = new Set(samples.map(({ series }) => series));
        decodeSamples(encodeSamples(rowOf(samples)), wanted, (series, timeMs, value) =>
          found.push({ series, timeMs, value }),
        );
        expect(order(found)).toEqual(order(samples));
      }),
    );
  });

  test('skip what is not wanted', () => {
    const samples = [1, 2, 3].flatMap((series) =>
      [10, 20].map((timeMs) => ({ series, timeMs, value: series / 3 })),
    );
    const found: number[] = [];
    decodeSamples(encodeSamples(rowOf(samples)), new Set([2]), (series) => found.push(series));
    expect(found).toEqual([2, 2]);
  });

  test('take a few bytes per value for a regular batch', () => {
    const samples = Array.from({ length: 60 }, (_, series) =>
      Array.from({ length: 10 }, (__, second) => ({
        series: series + 1,
        timeMs: 1_790_000_000_000 + second * 1000,
        value: series % 3 === 0 ? series * 1000 + second * 30 : series + second / 7,
      })),
    ).flat();
    expect(encodeSamples(rowOf(samples)).byteLength / samples.length).toBeLessThan(7);
  });

  test('a cut block is an error, never a wrong value without one', () => {
    const bytes = encodeSamples(rowOf([{ series: 1, timeMs: 5, value: 0.5 }]));
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeSamples(bytes.subarray(0, length), new Set([1]), () => undefined)).toThrow(
        RangeError,
      );
  });
});

describe('blocks of roll-ups', () => {
  test('give back every aggregate', () => {
    const gauge = emptyAggregate();
    addSample(gauge, 60_010, -3.25);
    addSample(gauge, 60_900, 7);
    const latency = emptyAggregate();
    addHistogramSample(latency, {
      buckets: [
        [-30, 4],
        [2, 1],
      ],
      zeros: 2,
      sum: 1.5,
    });
    const all = new Map([
      [7, gauge],
      [9, latency],
    ]);
    const bytes = encodeAggregates(60_000, all);
    expect(decodeAggregates(60_000, bytes)).toEqual(all);
    expect(decodeAggregates(60_000, bytes, new Set([9]))).toEqual(new Map([[9, latency]]));
  });
});

test('numbers survive as varints up to 2^53', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger()), (values) => {
      const writer = new ByteWriter();
      for (const value of values) writer.varint(Math.abs(value));
      const small = values.map((value) => Math.trunc(value / 4));
      for (const value of small) writer.signed(value);
      const reader = new ByteReader(writer.take());
      for (const value of values) expect(reader.varint()).toBe(Math.abs(value));
      for (const value of small) expect(reader.signed() + 0).toBe(value + 0);
    }),
  );
});
