import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodePayload, topics } from '../../../../src/protocol/index.ts';
import { TestFleet } from '../../../fakes/test-fleet.ts';

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await TestFleet.open();
});
afterEach(() => fleet.stop());

/** Kinds of the events of a device, oldest first. */
const kinds = (device = 'd1') =>
  fleet.store.eventRows.filter((event) => event.device === device).map(({ kind }) => kind);
const death = (session = 1) =>
  fleet.send(
    topics.state('d1'),
    encodePayload('state', { online: false, session, reason: 'connection-lost' }),
    true,
  );
/** Long enough that the controller has heard all devices, with a sign of life every half minute. */
async function alive(minutes: number): Promise<void> {
  for (let i = 0; i < minutes * 2; i++) {
    await fleet.birth('d1');
    await fleet.clock.pass(30_000);
  }
}

describe('The controller tells of its devices', () => {
  it('that one came, went and came again: with its events, over the stream, and counted as a warning', async () => {
    const streamed: string[] = [];
    fleet.controller.updates.subscribe((update) => {
      if (update.name === 'event') streamed.push(update.data.kind);
    });
    await alive(2);
    expect(kinds()).toEqual(['device.online']);
    const wentMs = fleet.clock.wallMs();
    await death();
    await fleet.clock.pass(120_000);
    await alive(1);
    expect(kinds()).toEqual(['device.online', 'device.offline', 'device.online']);
    expect(streamed).toEqual(kinds());
    const [, offline, back] = fleet.store.eventRows;
    expect(offline).toMatchObject({
      severity: 'warning',
      message: 'The device is offline: connection-lost.',
      data: { reason: 'connection-lost', session: 1 },
    });
    // When it went, and not when that was told.
    expect(Math.abs((offline?.timeMs ?? 0) - wentMs)).toBeLessThan(6_000);
    expect(back).toMatchObject({ severity: 'info', message: 'The device is online again, after 2 min.' });
    expect(fleet.controller.devices.detail('d1').summary.warnings).toBe(1);
  });

  it('that one fell silent', async () => {
    await alive(2);
    await fleet.clock.pass(150_000);
    expect(kinds()).toEqual(['device.online', 'device.offline']);
    expect(fleet.store.eventRows.at(-1)?.message).toBe('The device is offline: silent.');
  });

  it('no unknown state: while its broker is away, or right after its start', async () => {
    await alive(2);
    fleet.broker.stop();
    await fleet.clock.pass(300_000);
    expect(kinds()).toEqual(['device.online']);
    fleet.broker.restart();
    await fleet.clock.pass(30_000);
    await alive(2);
    expect(kinds()).toEqual(['device.online']);
  });

  it('what changed while it was off itself, once, and not again with every start', async () => {
    await alive(2);
    await fleet.restart();
    await alive(2);
    expect(kinds()).toEqual(['device.online']);
    await death();
    await fleet.restart();
    await fleet.clock.pass(150_000);
    await fleet.restart();
    await fleet.clock.pass(150_000);
    expect(kinds()).toEqual(['device.online', 'device.offline']);
  });

  it('little of one that comes and goes all the time', async () => {
    await alive(2);
    for (let i = 0; i < 60; i++) {
      await death();
      await fleet.clock.pass(30_000);
      await fleet.birth('d1');
      await fleet.clock.pass(30_000);
    }
    expect(kinds().length).toBeLessThanOrEqual(1 + 6 + 7);
    await alive(15);
    expect(kinds().at(-1)).toBe('device.online');
    expect(fleet.store.eventRows.some(({ data }) => Number(data?.untold) > 0)).toBe(true);
  });
});

describe('The events of the controller itself', () => {
  it('tell that its clock is ahead and that it is right again, and make no device of it', async () => {
    await alive(1);
    await fleet.metrics('d1');
    await fleet.clock.pass(61_000);
    fleet.clock.jumpWall(366 * 86_400_000);
    await fleet.metrics('d1', { sequence: 1, samples: [[fleet.clock.wallMs() - 366 * 86_400_000, 1, 30]] });
    await fleet.clock.pass(61_000);
    expect(kinds('controller')).toEqual(['controller.clock-ahead']);
    expect((await fleet.controller.events.listOfDevice('controller', {})).events).toMatchObject([
      { severity: 'error', data: { remedy: expect.stringContaining('Correct the clock') } },
    ]);
    fleet.clock.jumpWall(-366 * 86_400_000);
    await fleet.clock.pass(61_000);
    expect(kinds('controller')).toEqual(['controller.clock-ahead', 'controller.clock-recovered']);
    await fleet.restart();
    expect(fleet.controller.devices.list({}).devices.map(({ id }) => id)).toEqual(['d1']);
  });
});

describe('The start of a session', () => {
  const since = () => fleet.controller.devices.detail('d1').summary.sessionSinceMs;

  it('is what its birth says, not when that came', async () => {
    await fleet.birth('d1', { timeMs: 5_000_000, startedMs: 3_900_000 });
    expect(since()).toBe(3_900_000);
    await fleet.restart();
    expect(since()).toBe(3_900_000);
  });
});
