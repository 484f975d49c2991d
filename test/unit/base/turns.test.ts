import { expect, test } from 'vitest';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { inTurns } from '../../../src/base/index.ts';
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
