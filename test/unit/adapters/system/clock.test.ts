import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SystemClock } from '../../../../src/adapters/system/index.ts';

describe('The clock of the machine', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells nanoseconds that follow a jump of the wall clock in both directions', () => {
    const clock = new SystemClock();
    for (const jump of [3_600_000, -7_200_000]) {
      vi.setSystemTime(Date.now() + jump);
      const apart = Number(clock.wallNs() / 1_000_000n) - Date.now();
      expect(Math.abs(apart)).toBeLessThanOrEqual(2);
    }
  });

  it('is no millisecond behind, though Date cuts it down, and finds that again after a jump', () => {
    // A stamp of another process is compared with it: half a millisecond on average would be missing from every latency.
    let monotonicMs = 0;
    let originMs = 1_764_000_000_000.9;
    vi.spyOn(performance, 'timeOrigin', 'get').mockImplementation(() => originMs);
    vi.spyOn(performance, 'now').mockImplementation(() => monotonicMs);
    vi.spyOn(Date, 'now').mockImplementation(() => Math.floor(originMs + monotonicMs));
    const clock = new SystemClock();
    const errorMs = () => {
      monotonicMs += 33.618034;
      const wholeMs = clock.wallNs() / 1_000_000n;
      const fine = Number(clock.wallNs() - wholeMs * 1_000_000n) / 1e6;
      return Math.abs(Number(wholeMs) - originMs + fine - monotonicMs);
    };
    expect(errorMs()).toBeLessThan(0.01);
    for (const jumpMs of [3_600_000.4, -7_200_000.7]) {
      originMs += jumpMs;
      expect(errorMs()).toBeLessThanOrEqual(1.01);
      for (let call = 0; call < 300; call += 1) errorMs();
      expect(errorMs()).toBeLessThan(0.02);
    }
    vi.restoreAllMocks();
  });

  it('waits for a delay that does not fit a timer of Node', () => {
    const clock = new SystemClock();
    const run = vi.fn();
    clock.after(40 * 86_400_000, run);
    vi.advanceTimersByTime(39 * 86_400_000);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(86_400_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('cancels a long delay in its second stretch', () => {
    const clock = new SystemClock();
    const run = vi.fn();
    const cancel = clock.after(40 * 86_400_000, run);
    vi.advanceTimersByTime(30 * 86_400_000);
    cancel();
    vi.advanceTimersByTime(30 * 86_400_000);
    expect(run).not.toHaveBeenCalled();
  });

  it('repeats until cancelled', () => {
    const clock = new SystemClock();
    const run = vi.fn();
    const cancel = clock.every(100, run);
    vi.advanceTimersByTime(350);
    cancel();
    vi.advanceTimersByTime(350);
    expect(run).toHaveBeenCalledTimes(3);
  });
});
