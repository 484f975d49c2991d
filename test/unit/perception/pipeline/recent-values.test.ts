import { describe, expect, it } from 'vitest';
import { RecentValues } from '../../../../src/perception/pipeline/recent-values.ts';

describe('RecentValues', () => {
  it('is all zero without values', () => {
    expect(new RecentValues().summary()).toEqual({ count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 });
    expect(new RecentValues().ratePerSecond(1000, 5000)).toBe(0);
  });

  it('gives percentiles that really occurred', () => {
    const recent = new RecentValues(200);
    for (let i = 100; i >= 1; i--) recent.add(i);
    expect(recent.summary()).toEqual({ count: 100, mean: 50.5, p50: 50, p95: 95, p99: 99, max: 100 });
  });

  it('forgets values beyond its size', () => {
    const recent = new RecentValues(3);
    for (const value of [1000, 1, 2, 3]) recent.add(value);
    expect(recent.summary()).toMatchObject({ count: 3, max: 3, mean: 2 });
  });

  it('counts events per second in the span and falls to nothing when they stop', () => {
    const recent = new RecentValues();
    for (let time = 0; time < 1000; time += 50) recent.add(time);
    expect(recent.ratePerSecond(1000, 5000)).toBeCloseTo(19, 5); // not yet a full span
    for (let time = 1000; time < 20_000; time += 50) recent.add(time);
    expect(recent.ratePerSecond(20_000, 5000)).toBeCloseTo(20, 0);
    expect(recent.ratePerSecond(40_000, 5000)).toBe(0);
  });
});
