import { describe, expect, it } from 'vitest';
import { GoshawkError, MissingError } from '../../../../src/base/index.ts';
import type { FleetClient } from '../../../../src/runtime/fleet/client.ts';
import { whenOnline } from '../../../../src/runtime/fleet/when-online.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeFleetApi } from '../../../fakes/fake-fleet-api.ts';

const away = new MissingError('device-offline', 'd1 is offline: last seen yesterday.', 'Try again.');
const cut = new GoshawkError('download-cut', 'The controller did not send all of it.', 'Try again.');

const unreachable = new MissingError('controller-unreachable', 'No controller answers.', 'Check --url.');

/** A controller that is away until it was asked that often. */
function answersFrom(api: FakeFleetApi, n: number): Pick<FleetClient, 'call'> {
  let asked = 0;
  return {
    call: (...args) => (asked++ < n ? Promise.reject(unreachable) : api.call(...args)),
  };
}

/** A device that is online from the n-th look on, and what comes of each time that it is asked. */
function world({ onlineAt = 0, outcomes = [] }: { onlineAt?: number; outcomes?: readonly unknown[] }) {
  const [clock, api, reasons, signal] = [
    new FakeClock(),
    new FakeFleetApi(),
    [] as string[],
    new AbortController(),
  ];
  let [looks, asked] = [0, 0];
  api.answers.set('/devices/d1', () => ({ summary: { online: looks++ >= onlineAt } }));
  const ask = async () => {
    const outcome = outcomes[asked++];
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const wait = {
    clock,
    signal: signal.signal,
    timeoutMs: 60_000,
    onWait: (reason: string) => reasons.push(reason),
  };
  return { clock, api, reasons, signal, ask, wait, asked: () => asked, looks: () => looks };
}

describe('What is asked of a device that is offline', () => {
  it('is an error at once, which names the flag that waits', async () => {
    const { api, ask, asked, looks } = world({ outcomes: [away, 'answer'] });
    await expect(whenOnline(api, 'd1', ask, undefined)).rejects.toMatchObject({
      ...{ code: 'device-offline', message: away.message },
      remedy: expect.stringContaining('--wait'),
    });
    expect([asked(), looks()]).toEqual([1, 0]);
  });

  it('is asked again when the device is online, and not before', async () => {
    const { clock, api, ask, wait, asked, reasons } = world({ onlineAt: 3, outcomes: [away, 'answer'] });
    const answer = whenOnline(api, 'd1', ask, wait);
    await clock.pass(6_000);
    expect(asked()).toBe(1);
    await clock.pass(2_000);
    expect(await answer).toBe('answer');
    expect(reasons).toEqual([away.message]);
  });

  it('continues when its connection ends again, and tells each reason once', async () => {
    const { clock, api, ask, wait, reasons } = world({ outcomes: [away, cut, cut, 'answer'] });
    const answer = whenOnline(api, 'd1', ask, wait);
    await clock.pass(6_000);
    expect(await answer).toBe('answer');
    expect(reasons).toEqual([away.message, cut.message]);
  });

  it('continues over a restart of the controller, once it has answered', async () => {
    const { clock, api, ask, wait, looks } = world({ onlineAt: 3, outcomes: [away, unreachable, 'answer'] });
    const client = answersFrom(api, 3);
    const answer = whenOnline(client, 'd1', ask, wait);
    await clock.pass(20_000);
    expect(await answer).toBe('answer');
    expect(looks()).toBeGreaterThan(3);
    const first = world({ outcomes: [unreachable] });
    await expect(whenOnline(first.api, 'd1', first.ask, first.wait)).rejects.toBe(unreachable);
  });

  it('ends when the controller stays away until the time is over', async () => {
    const { clock, api, ask, wait } = world({ outcomes: [away] });
    const over = expect(whenOnline(answersFrom(api, Number.POSITIVE_INFINITY), 'd1', ask, wait)).rejects.toBe(
      unreachable,
    );
    await clock.pass(70_000);
    await over;
  });

  it('ends with a signal while the controller is away', async () => {
    const { clock, api, ask, wait, signal } = world({ outcomes: [away] });
    const ended = expect(
      whenOnline(answersFrom(api, Number.POSITIVE_INFINITY), 'd1', ask, wait),
    ).rejects.toMatchObject({ code: 'cancelled' });
    await clock.pass(3_000);
    signal.abort();
    await clock.pass(3_000);
    await ended;
  });

  it('ends when the time is over, with what it waited for', async () => {
    const { clock, api, ask, wait } = world({ onlineAt: 1_000, outcomes: [away] });
    const answer = whenOnline(api, 'd1', ask, wait);
    const over = expect(answer).rejects.toMatchObject({
      ...{ code: 'device-wait-over', message: expect.stringContaining(away.message) },
    });
    await clock.pass(62_000);
    await over;
  });

  it('ends with a signal', async () => {
    const { clock, api, ask, wait, signal } = world({ onlineAt: 1_000, outcomes: [away] });
    const ended = expect(whenOnline(api, 'd1', ask, wait)).rejects.toMatchObject({ code: 'cancelled' });
    await clock.pass(2_000);
    signal.abort();
    await ended;
  });

  it.each([undefined, 'waits'])('fails for any other reason at once, wait: %s', async (waits) => {
    const refused = new MissingError('clip-unknown', 'There is no clip.', 'List them.');
    const { api, ask, wait, asked } = world({ outcomes: [refused] });
    await expect(whenOnline(api, 'd1', ask, waits === undefined ? undefined : wait)).rejects.toBe(refused);
    expect(asked()).toBe(1);
  });
});
