import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LoopDelay } from '../../../../src/adapters/system/loop-delay.ts';

/** What the histogram would hold: every value in nanoseconds, the pause included, as Node records it. */
const ticks = vi.hoisted(() => ({ values: [] as number[], enabled: false }));

vi.mock('node:perf_hooks', () => ({
  monitorEventLoopDelay: () => ({
    get count() {
      return ticks.values.length;
    },
    enable: () => {
      ticks.enabled = true;
    },
    disable: () => {
      ticks.enabled = false;
    },
    reset: () => {
      ticks.values = [];
    },
    percentile: (of: number) => {
      const sorted = [...ticks.values].sort((a, b) => a - b);
      return sorted[Math.max(0, Math.ceil((of / 100) * sorted.length) - 1)];
    },
  }),
}));

describe('The delay of the event loop', () => {
  let delay: LoopDelay;
  const see = (count: number, ms: number) => ticks.values.push(...Array(count).fill(ms * 1e6));

  beforeEach(() => {
    vi.useFakeTimers();
    ticks.values = [];
    delay = new LoopDelay();
  });

  afterEach(() => {
    delay.close();
    vi.useRealTimers();
  });

  it('is the 99th percentile since the last time that it was taken', () => {
    see(98, 1);
    see(2, 7);
    expect(delay.takeP99Ms()).toBe(7);
    see(100, 1);
    see(1, 7);
    expect(delay.takeP99Ms()).toBe(1);
  });

  it('is watched for a second and then rests', () => {
    expect(ticks.enabled).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(ticks.enabled).toBe(false);
    vi.advanceTimersByTime(4300);
    expect(ticks.enabled).toBe(true);
  });

  it('does not take a pause for a late turn', () => {
    see(50, 1);
    vi.advanceTimersByTime(5300);
    see(1, 4300);
    see(49, 1);
    expect(delay.takeP99Ms()).toBe(1);
    see(1, 9);
    expect(delay.takeP99Ms()).toBe(9);
  });

  it('keeps its last value if it was not watched meanwhile', () => {
    expect(delay.takeP99Ms()).toBe(1);
    see(10, 4);
    expect(delay.takeP99Ms()).toBe(4);
    expect(delay.takeP99Ms()).toBe(4);
  });

  it('ends with its owner', () => {
    delay.close();
    expect(ticks.enabled).toBe(false);
    vi.advanceTimersByTime(10_000);
    expect(ticks.enabled).toBe(false);
  });
});
