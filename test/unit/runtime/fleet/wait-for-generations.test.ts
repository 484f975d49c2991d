import { beforeEach, describe, expect, it } from 'vitest';
import { waitForGenerations } from '../../../../src/runtime/fleet/wait-for-generations.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeFleetApi } from '../../../fakes/fake-fleet-api.ts';

describe('Waiting for devices', () => {
  let api: FakeFleetApi;
  let clock: FakeClock;
  let said: string[];
  let abort: AbortController;
  beforeEach(() => {
    api = new FakeFleetApi();
    clock = new FakeClock();
    said = [];
    abort = new AbortController();
  });

  function report(device: string, generation: number, state: string, reason?: string): void {
    api.answers.set(`/devices/${device}`, { reported: { generation, deployment: { state, reason } } });
  }

  function wait(generations: Record<string, number>) {
    const onState = (device: string, state: string) => void said.push(`${device} ${state}`);
    return waitForGenerations(api, generations, { clock, timeoutMs: 2000, signal: abort.signal, onState });
  }

  it('ends when each has acted on its generation, and says every state once', async () => {
    report('a', 2, 'committed');
    report('b', 1, 'committed');
    const waiting = wait({ a: 2, b: 2 });
    await clock.pass(1000);
    expect(said).toEqual(['a committed']);
    report('b', 2, 'preparing');
    await clock.pass(1000);
    report('b', 2, 'idle');
    await clock.pass(500);
    await waiting;
    expect(said).toEqual(['a committed', 'b preparing', 'b idle']);
    // One that is done is not asked again.
    expect(api.asked.filter(({ path }) => path === '/devices/a')).toHaveLength(1);
  });

  it('ends at once where there is nobody to wait for', async () => {
    await wait({});
    expect(api.asked).toEqual([]);
  });

  it('fails with the reason of the device', async () => {
    report('a', 3, 'failed', 'the disk is full');
    await expect(wait({ a: 2 })).rejects.toMatchObject({
      code: 'deployment-failed',
      message: 'a: the disk is full.',
    });
  });

  it('names who was not in time', async () => {
    report('a', 1, 'idle');
    report('b', 2, 'idle');
    const waiting = wait({ a: 2, b: 2 });
    const ended = expect(waiting).rejects.toMatchObject({
      code: 'wait-timeout',
      message: 'Not done in time: a.',
    });
    await clock.pass(3000);
    await ended;
  });

  it('ends when nobody waits any more', async () => {
    report('a', 1, 'idle');
    const waiting = wait({ a: 2 });
    const ended = expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await clock.pass(0);
    abort.abort();
    await ended;
  });
});
