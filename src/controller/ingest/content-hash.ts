import type { MetricsBatch } from '../../protocol/index.ts';

const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);

/**
 * 53 bits that say whether two batches hold the same samples, as the device sent them. Not against somebody who wants two
 * batches to look the same: he would only lose his own.
 */
export function hashSamples(samples: MetricsBatch['samples']): number {
  let low = 0x9e3779b1;
  let high = 0x85ebca77;
  const add = (value: number) => {
    number[0] = value;
    low = Math.imul(low ^ (words[0] ?? 0), 0x9e3779b1);
    low ^= low >>> 15;
    high = Math.imul(high ^ (words[1] ?? 0) ^ low, 0xc2b2ae3d);
    high ^= high >>> 13;
    low = Math.imul(low ^ high, 0x27d4eb2f);
  };
  for (const [timeMs, alias, value] of samples) {
    add(timeMs);
    add(alias);
    if (typeof value === 'number') {
      add(value);
      continue;
    }
    add(value.zeros);
    add(value.sum);
    for (const [index, count] of value.buckets) {
      add(index);
      add(count);
    }
  }
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}
