import { describe, expect, it } from 'vitest';
import type { Job, Worker } from '../../../../src/perception/pipeline/lane.ts';
import type { QueueOptions } from '../../../../src/perception/pipeline/node-queue.ts';
import { Scheduler } from '../../../../src/perception/pipeline/scheduler.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FramePool } from '../fakes.ts';

/** Every queue has a new frame every 10 ms, a worker takes one at a time for 40 ms: far too much. Turns of each. */
async function turns(queues: Record<string, Omit<QueueOptions, 'slot' | 'policy'>>, steps: number) {
  const pool = new FramePool();
  const clock = new FakeClock();
  const served: string[] = [];
  let done = () => {};
  const worker: Worker<number, undefined> = {
    capacity: 1,
    run: ({ key }: Job<undefined>) => {
      served.push(key);
      return new Promise((resolve) => {
        done = () => resolve(1);
      });
    },
  };
  const scheduler = new Scheduler<number>({ clock, timeoutMs: 60_000, deliver() {}, fail() {} });
  void scheduler.use('main', worker);
  for (const [key, options] of Object.entries(queues))
    scheduler.add(key, { slot: 'main', policy: 'newest', ...options });
  for (let step = 0; step < steps; step++) {
    for (const key of Object.keys(queues)) void scheduler.offer(key, pool.frame(key));
    await settle();
    if (step % 4 === 3) done();
    await clock.pass(10);
  }
  return Object.fromEntries(
    Object.keys(queues).map((key) => [key, served.filter((name) => name === key).length]),
  );
}

describe('shares under overload', () => {
  it('go by weight', async () => {
    const { light = 0, heavy = 0 } = await turns(
      { light: { weight: 1, deadlineMs: 20 }, heavy: { weight: 3, deadlineMs: 20 } },
      400,
    );
    expect(heavy / light).toBeGreaterThan(2.5);
    expect(heavy / light).toBeLessThan(3.5);
  });

  it('leave nobody out whose frames are superseded before they are due', async () => {
    const { soon = 0, late = 0 } = await turns({ soon: { deadlineMs: 100 }, late: { deadlineMs: 500 } }, 400);
    expect(Math.min(soon, late)).toBeGreaterThan(5);
  });

  it('do not starve nodes without a deadline', async () => {
    const { soon = 0, any = 0 } = await turns({ soon: { deadlineMs: 100 }, any: {} }, 800);
    expect(Math.min(soon, any)).toBeGreaterThan(3);
  });
});
