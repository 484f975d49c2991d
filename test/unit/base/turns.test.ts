import { expect, test } from 'vitest';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { inTurns, type Steps, stepsAtOnce, stepsInTurns } from '../../../src/base/index.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

test('work on many things lets everything else have its turn', async () => {
  const clock = new SystemClock();
  let others = 0;
  const timer = setInterval(() => {
    others += 1;
  }, 0);
  const done: number[] = [];
  await inTurns(clock, [1, 2, 3, 4, 5], (one) => {
    const endMs = clock.monotonicMs() + 6;
    while (clock.monotonicMs() < endMs);
    done.push(one);
  });
  clearInterval(timer);
  expect(done).toEqual([1, 2, 3, 4, 5]);
  expect(others).toBeGreaterThanOrEqual(3);
});

test('little work is done at once, and what fails ends it', async () => {
  const clock = new FakeClock();
  const done: number[] = [];
  await inTurns(clock, [1, 2, 3], (one) => void done.push(one));
  expect([done, clock.pending]).toEqual([[1, 2, 3], 0]);
  await expect(
    inTurns(clock, [1, 2], () => {
      throw new Error('it fails');
    }),
  ).rejects.toThrow('it fails');
});

test('steps may be taken at once, or let everything else have its turn in between', async () => {
  const clock = new SystemClock();
  function* work(stepMs: number): Steps<number> {
    let sum = 0;
    for (const one of [1, 2, 3, 4, 5]) {
      const endMs = clock.monotonicMs() + stepMs;
      while (clock.monotonicMs() < endMs);
      sum += one;
      yield;
    }
    return sum;
  }
  expect(stepsAtOnce(work(0))).toBe(15);
  let others = 0;
  const timer = setInterval(() => {
    others += 1;
  }, 0);
  expect(await stepsInTurns(clock, work(6))).toBe(15);
  clearInterval(timer);
  expect(others).toBeGreaterThanOrEqual(3);
});
