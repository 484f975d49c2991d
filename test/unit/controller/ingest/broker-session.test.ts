import { beforeEach, describe, expect, it } from 'vitest';
import { BrokerSession } from '../../../../src/controller/ingest/broker-session.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

let clock: FakeClock;
let session: BrokerSession;
let seen: string[];
beforeEach(() => {
  clock = new FakeClock();
  seen = [];
  session = new BrokerSession(clock, {
    onSettled: () => seen.push('settled'),
    onLost: () => seen.push('lost'),
  });
});

describe('A session with the broker', () => {
  it('is settled when what the broker retains had its time to arrive', async () => {
    session.connected();
    await clock.pass(1_999);
    expect(seen).toEqual([]);
    await clock.pass(1);
    expect(seen).toEqual(['settled']);
  });

  it('is not settled when it is lost before', async () => {
    session.connected();
    await clock.pass(1_000);
    session.lost();
    await clock.pass(10_000);
    expect(seen).toEqual(['lost']);
  });

  it('waits anew after every connect', async () => {
    session.connected();
    await clock.pass(1_500);
    session.connected();
    await clock.pass(1_500);
    expect(seen).toEqual([]);
    await clock.pass(500);
    expect(seen).toEqual(['settled']);
  });

  it('has heard every device a minute after it settled, and none when it is lost', async () => {
    expect(session.everyDeviceHeard).toBe(false);
    session.connected();
    await clock.pass(61_999);
    expect(session.everyDeviceHeard).toBe(false);
    await clock.pass(1);
    expect(session.everyDeviceHeard).toBe(true);
    session.lost();
    expect(session.everyDeviceHeard).toBe(false);
  });

  it('leaves no timer behind', async () => {
    session.connected();
    session.close();
    expect(clock.pending).toBe(0);
  });
});
