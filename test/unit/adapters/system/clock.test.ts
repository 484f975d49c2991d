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
