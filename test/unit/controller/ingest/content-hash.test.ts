import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashSamples } from '../../../../src/controller/ingest/content-hash.ts';

const histogram = { buckets: [[3, 1]] as [number, number][], zeros: 0, sum: 2 };

test('the same samples have the same hash, and one that differs anywhere another', () => {
  const samples = [
    [1_790_000_000_000, 1, 30],
    [1_790_000_000_000, 2, histogram],
  ] as [number, number, number | typeof histogram][];
  const hash = hashSamples(samples);
  expect(hashSamples(structuredClone(samples))).toBe(hash);
  const others = [
    samples.slice(1),
    [samples[1]!, samples[0]!],
    [[1_790_000_000_001, 1, 30], samples[1]!],
    [[1_790_000_000_000, 3, 30], samples[1]!],
    [[1_790_000_000_000, 1, 30.5], samples[1]!],
    [samples[0]!, [1_790_000_000_000, 2, { ...histogram, sum: 3 }]],
    [samples[0]!, [1_790_000_000_000, 2, { ...histogram, buckets: [[3, 2]] }]],
  ] as (typeof samples)[];
  expect(new Set([hash, ...others.map(hashSamples)]).size).toBe(others.length + 1);
});

test('is a whole number that a database keeps exactly, and of small changes no two are equal', () => {
  const sample = fc.tuple(fc.nat(), fc.nat(20), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 20 }), (samples) => {
      expect(Number.isSafeInteger(hashSamples(samples))).toBe(true);
    }),
  );
  const hashes = new Set<number>();
  for (let value = 0; value < 50_000; value++) hashes.add(hashSamples([[0, 1, value]]));
  expect(hashes.size).toBe(50_000);
});
