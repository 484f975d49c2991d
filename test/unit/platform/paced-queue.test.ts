import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PacedQueue } from '../../../src/platform/index.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function queue() {
  const done: number[] = [];
  let emptied = 0;
  const paced = new PacedQueue<number>(
    { atOnce: 3, gapMs: 20 },
    (item) => done.push(item),
    () => {
      emptied += 1;
    },
  );
  return { done, paced, emptied: () => emptied };
}

describe('A queue with a pace', () => {
  it('runs some at once, then one each gap, in order', () => {
    const { done, paced, emptied } = queue();
    paced.add(1, 2, 3, 4, 5, 6);
    expect(done).toEqual([1, 2, 3]);
    vi.advanceTimersByTime(20);
    expect(done).toEqual([1, 2, 3, 4]);
    expect(emptied()).toBe(0);
    vi.advanceTimersByTime(40);
    expect(done).toEqual([1, 2, 3, 4, 5, 6]);
    expect(emptied()).toBe(1);
  });

  it('has room for as many at once again after a while, and for one after a gap', () => {
    const { done, paced } = queue();
    paced.add(1, 2, 3);
    vi.advanceTimersByTime(20);
    paced.add(4, 5);
    expect(done).toEqual([1, 2, 3, 4]);
    vi.advanceTimersByTime(1000);
    paced.add(6, 7, 8, 9);
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('catches nothing up where its timer is late', () => {
    const { done, paced } = queue();
    paced.add(1, 2, 3, 4, 5, 6);
    vi.setSystemTime(Date.now() + 500);
    vi.advanceTimersToNextTimer();
    expect(done).toEqual([1, 2, 3, 4]);
  });

  it('runs nothing once it is closed', () => {
    const { done, paced } = queue();
    paced.add(1, 2, 3, 4);
    paced.close();
    vi.advanceTimersByTime(1000);
    expect(done).toEqual([1, 2, 3]);
  });
});
