import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/base/index.ts';
import { BrokerSession } from '../../../../src/controller/fleet/broker-session.ts';
import type { TransportStatus } from '../../../../src/protocol/index.ts';
import { eventBus } from '../../../fakes/event-bus.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

let clock: FakeClock;
let session: BrokerSession;
let seen: string[];
let change: (status: TransportStatus) => void;
const connect = () => change({ state: 'online' });
const lose = () => change({ state: 'connecting' });

beforeEach(() => {
  clock = new FakeClock();
  seen = [];
  const bus = eventBus(clock);
  bus.on('retainedArrived', () => seen.push('settled'));
  bus.on('brokerLost', () => seen.push('lost'));
  const transport = {
    status: (): TransportStatus => ({ state: 'connecting' }),
    onStatus: (listener: typeof change) => {
      change = listener;
      return () => {};
    },
  };
  session = new BrokerSession({ transport, bus, clock, log: silentLog });
  session.start();
});

describe('A session with the broker', () => {
  it('is settled when what the broker retains had its time to arrive', async () => {
    connect();
    await clock.pass(1_999);
    expect(seen).toEqual([]);
    await clock.pass(1);
    expect(seen).toEqual(['settled']);
  });

  it('is not settled when it is lost before', async () => {
    connect();
    await clock.pass(1_000);
    lose();
    await clock.pass(10_000);
    expect(seen).toEqual(['lost']);
  });

  it('waits anew after every connect', async () => {
    connect();
    await clock.pass(1_500);
    connect();
    await clock.pass(1_500);
    expect(seen).toEqual([]);
    await clock.pass(500);
    expect(seen).toEqual(['settled']);
  });

  it('has heard every device a minute after it settled, and none when it is lost', async () => {
    expect(session.everyDeviceHeard).toBe(false);
    connect();
    await clock.pass(61_999);
    expect(session.everyDeviceHeard).toBe(false);
    await clock.pass(1);
    expect(session.everyDeviceHeard).toBe(true);
    lose();
    expect(session.everyDeviceHeard).toBe(false);
  });

  it('leaves no timer behind', async () => {
    connect();
    session.close();
    expect(clock.pending).toBe(0);
  });
});
