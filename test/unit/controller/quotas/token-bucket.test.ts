import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from '../../../../src/controller/quotas/token-bucket.ts';

test.each([
  { passedMs: 0, amount: 60, fits: true },
  { passedMs: 0, amount: 61, fits: false },
  { passedMs: 30_000, amount: 60, fits: true },
])('a bucket that was never used gives its capacity at once: $amount after $passedMs ms', (row) => {
  expect(new TokenBucket(60, 60_000, 1000).spend(row.amount, 1000 + row.passedMs)).toBe(row.fits);
});

test('an empty bucket is filled evenly, up to its capacity', () => {
  const bucket = new TokenBucket(60, 60_000, 0);
  expect(bucket.spend(60, 0)).toBe(true);
  expect(bucket.spend(1, 999)).toBe(false);
  expect(bucket.spend(1, 1000)).toBe(true);
  expect(bucket.full(60_999)).toBe(false);
  expect(bucket.full(61_000)).toBe(true);
  expect(bucket.spend(61, 1e9)).toBe(false);
});

test('a clock that goes back gives nothing', () => {
  const bucket = new TokenBucket(10, 1000, 5000);
  expect(bucket.spend(10, 5000)).toBe(true);
  expect(bucket.has(1, 0)).toBe(false);
  expect(bucket.has(1, 5099)).toBe(false);
  expect(bucket.has(1, 5100)).toBe(true);
});

test('in no stretch of time is more spent than the capacity and what flows in meanwhile', () => {
  const spends = fc.array(fc.record({ waitMs: fc.nat(500), amount: fc.integer({ min: 1, max: 40 }) }), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(spends, fc.integer({ min: 1, max: 100 }), (steps, capacity) => {
      const bucket = new TokenBucket(capacity, 1000, 0);
      const spent: { readonly atMs: number; readonly amount: number }[] = [];
      let nowMs = 0;
      for (const { waitMs, amount } of steps) {
        nowMs += waitMs;
        if (bucket.spend(amount, nowMs)) spent.push({ atMs: nowMs, amount });
      }
      for (const [from, { atMs }] of spent.entries()) {
        let sum = 0;
        for (const one of spent.slice(from)) {
          sum += one.amount;
          expect(sum).toBeLessThanOrEqual(capacity + ((one.atMs - atMs) * capacity) / 1000 + 1e-6);
        }
      }
    }),
  );
});
