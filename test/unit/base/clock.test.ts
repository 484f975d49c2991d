import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { sleep, within } from '../../../src/base/index.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

/** Whether the promise is settled once everything that can run now has run. */
async function ended(work: Promise<void>): Promise<boolean> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  work.then(settle, settle);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return settled;
}

describe('A sleep', () => {
  it('ends when its time is over, and not before, and leaves neither timer nor listener', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const work = sleep(clock, 100, signal);
    clock.advance(99);
    expect(await ended(work)).toBe(false);
    clock.advance(1);
    expect(await ended(work)).toBe(true);
    expect([clock.pending, getEventListeners(signal, 'abort')]).toEqual([0, []]);
  });

  it('ends at once when it is aborted, and leaves neither timer nor listener', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const work = sleep(clock, 100, controller.signal);
    controller.abort();
    expect(await ended(work)).toBe(true);
    expect([clock.pending, getEventListeners(controller.signal, 'abort')]).toEqual([0, []]);
  });

  it('does not begin where the signal is aborted already', async () => {
    const clock = new FakeClock();
    const work = sleep(clock, 100, AbortSignal.abort());
    expect(clock.pending).toBe(0);
    expect(await ended(work)).toBe(true);
  });
});

describe('Work within a limit', () => {
  it('is waited for no longer than the limit', async () => {
    const clock = new FakeClock();
    const work = within(clock, 100, new Promise(() => {}));
    clock.advance(99);
    expect(await ended(work)).toBe(false);
    clock.advance(1);
    expect(await ended(work)).toBe(true);
  });

  it('ends with the work, and its timer with it', async () => {
    const clock = new FakeClock();
    await within(clock, 100, Promise.resolve());
    await Promise.resolve();
    expect(clock.pending).toBe(0);
  });

  it('fails as the work does, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    await expect(within(clock, 100, Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
    await Promise.resolve();
    expect(clock.pending).toBe(0);
  });
});
