import { beforeEach, describe, expect, it } from 'vitest';
import type { WithdrawalPolicy } from '../../../../src/agent/withdrawals/withdrawal-watch.ts';
import { encodeUtf8 } from '../../../../src/base/index.ts';
import { type DesiredModel, topics } from '../../../../src/protocol/index.ts';
import type { TrustAnchor } from '../../../../src/trust/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { FakeController, FakeDevice, modelOf } from '../../../fakes/fake-device.ts';
import { FakeBroker } from '../../../fakes/fake-transport.ts';
import { day, TrustWorld } from '../../../fixtures/trust-world.ts';

const hour = 3_600_000;
const noModel = `sha256:${'0'.repeat(64)}`;

describe('A model that its owner withdrew', () => {
  let world: TrustWorld;
  let disk: ReturnType<TrustWorld['disk']>;
  let anchor: TrustAnchor;
  let broker: FakeBroker;
  let device: FakeDevice;
  let first: DesiredModel;
  let second: DesiredModel;
  let generation: number;

  beforeEach(async () => {
    world = await TrustWorld.make();
    disk = world.disk();
    anchor = world.anchor();
    broker = new FakeBroker(world.clock);
    new FakeController(broker);
    device = new FakeDevice(broker, world.clock);
    first = await world.release('1.0.0');
    second = await world.release('1.1.0');
    generation = 0;
  });

  async function start(policy: Partial<WithdrawalPolicy> = {}): Promise<void> {
    device.trust = await world.gate(disk, {
      device: 'd1',
      anchor,
      servesWithdrawn: policy.withdrawn === 'warn',
    });
    await device.start({ probationSeconds: 0, metricsEverySeconds: 3600, withdrawals: policy });
    await world.clock.pass(1000);
  }
  async function order(model: DesiredModel): Promise<void> {
    world.order(model, 'd1');
    generation += 1;
    const desired = encodeUtf8(JSON.stringify({ generation, timeMs: 0, slots: { main: { model } } }));
    const payload = world.controller.seal('d1', desired);
    broker.publish('controller', { topic: topics.desired('d1'), payload, qos: 1, retain: true });
    await world.clock.pass(60_000);
    await settle();
  }
  const withdraw = (version: string) => world.release(version, { release: 1, revoked: true });
  async function pass(ms: number): Promise<void> {
    for (let done = 0; done < ms; done += 600_000) await world.clock.pass(600_000);
    await settle();
  }
  /** Days, of which nobody looks at every minute. */
  async function skip(ms: number): Promise<void> {
    world.clock.advance(ms);
    for (let minute = 0; minute < 3; minute++) await world.clock.pass(60_000);
    await settle();
  }
  const runs = () => device.pipeline.identity.digest;
  const reported = () => device.sent('reported').at(-1)!;
  const event = (kind: string) => device.events().find((one) => one.kind === kind);

  it('is replaced by the previous one at the next check, without an order, and the fleet is notified', async () => {
    await start();
    await order(first);
    await order(second);
    expect(runs()).toBe(second.digest);
    await withdraw('1.1.0');
    world.asked.length = 0;
    await pass(70 * 60_000);
    expect(world.asked).toContain('image/timestamp.json');
    expect(runs()).toBe(first.digest);
    expect(event('model.withdrawn')).toMatchObject({
      severity: 'error',
      message: expect.stringContaining('street 1.0.0, the previous model, runs in its place'),
    });
    expect(reported().slots.main).toMatchObject({
      loaded: { digest: first.digest },
      deployment: { state: 'failed', outcome: 'rolled-back', digest: second.digest },
    });
    // And after a restart, and after the same order again.
    device.kill();
    await start();
    expect(runs()).toBe(first.digest);
    await order(second);
    expect(runs()).toBe(first.digest);
  });

  it('is found within minutes where the controller tells its orders anew, as it does when something is published', async () => {
    await start();
    await order(first);
    await order(second);
    await pass(600_000);
    await withdraw('1.1.0');
    generation -= 1;
    await order(second);
    await world.clock.pass(180_000);
    expect(runs()).toBe(first.digest);
  });

  it('is found at the start, as soon as the controller can be reached', async () => {
    await start();
    await order(first);
    await order(second);
    device.kill();
    await withdraw('1.1.0');
    await start();
    await pass(60_000);
    expect(runs()).toBe(first.digest);
  });

  it('stops where there is none before it, or where that is withdrawn too', async () => {
    await start();
    await order(first);
    await order(second);
    await withdraw('1.0.0');
    await withdraw('1.1.0');
    await pass(70 * 60_000);
    expect(runs()).toBe(noModel);
    expect(event('model.withdrawn')).toMatchObject({ severity: 'critical' });
    const third = await world.release('1.2.0');
    await order(third);
    expect(runs()).toBe(third.digest);
  });

  it('keeps running if the settings allow it, and is reported to fleet and robot meanwhile', async () => {
    await start({ withdrawn: 'warn' });
    await order(first);
    await order(second);
    await withdraw('1.1.0');
    await pass(70 * 60_000);
    expect(runs()).toBe(second.digest);
    expect(event('model.withdrawn')).toMatchObject({ severity: 'error' });
    const what = expect.stringContaining('street 1.1.0 runs, but its owner withdrew it');
    expect(reported().trust?.withdrawn).toEqual([{ slot: 'main', what }]);
    expect(device.agent.faults).toEqual([what]);
    // Its engine is opened again after a restart.
    await device.trust?.expectAdmitted(second);
    await order(first);
    expect(reported().trust?.withdrawn).toBeUndefined();
    expect(device.agent.faults).toEqual([]);
  });

  it('stops where the settings say so, though there is one before it', async () => {
    await start({ withdrawn: 'stop' });
    await order(first);
    await order(second);
    await withdraw('1.1.0');
    await pass(70 * 60_000);
    expect(runs()).toBe(noModel);
    expect(reported().slots.main?.loaded).toBeUndefined();
  });

  it('is not known to a device without a network, which says so after a week and stops where it was told to', async () => {
    await start({ stale: 'stop' });
    await order(first);
    await withdraw('1.0.0');
    world.attack = () => {
      throw new Error('no network');
    };
    const awayMs = world.clock.wallMs();
    await skip(7 * day - hour);
    expect(runs()).toBe(first.digest);
    while (runs() !== noModel && world.clock.wallMs() - awayMs < 8 * day) {
      await world.clock.pass(60_000);
      await settle();
    }
    // The newest timestamp was signed a minute before: it stops as soon as that ends.
    const stoppedMs = world.clock.wallMs() - awayMs;
    expect(stoppedMs).toBeGreaterThan(7 * day - 5 * 60_000);
    expect(stoppedMs).toBeLessThanOrEqual(7 * day + 60_000);
    expect(device.agent.faults).toEqual([expect.stringContaining('has expired')]);
    expect(event('trust.stale')).toMatchObject({ severity: 'critical' });
  });

  it('serves again once the device reaches its controller, where it stopped for its age alone', async () => {
    await start({ stale: 'stop' });
    await order(first);
    world.attack = () => {
      throw new Error('no network');
    };
    await skip(8 * day);
    expect(runs()).toBe(noModel);
    world.attack = (_path, bytes) => bytes;
    await pass(30 * 60_000);
    expect(runs()).toBe(first.digest);
    expect(event('trust.fresh')).toBeDefined();
  });

  it('keeps running by default when no list could be fetched for a week, and reports that', async () => {
    await start();
    await order(first);
    world.attack = () => {
      throw new Error('no network');
    };
    await skip(8 * day);
    expect(runs()).toBe(first.digest);
    expect(event('trust.stale')).toMatchObject({ severity: 'warning' });
  });
});

describe('A model that nobody signed', () => {
  it('keeps running if it ran when the root came, and is reported to fleet and robot', async () => {
    const world = await TrustWorld.make();
    const broker = new FakeBroker(world.clock);
    new FakeController(broker);
    const device = new FakeDevice(broker, world.clock);
    const gate = await world.gate(world.disk(), { device: 'd1' });
    await gate.tolerate(modelOf('a'));
    device.trust = gate;
    await device.start();
    await world.clock.pass(60_000);
    await settle();
    expect(device.pipeline.identity.digest).toBe(modelOf('a').digest);
    const what = expect.stringContaining('runs, but is not signed');
    expect(device.agent.faults).toEqual([what]);
    await world.clock.pass(60_000);
    expect(device.sent('reported').at(-1)?.trust).toMatchObject({ withdrawn: [{ slot: 'main', what }] });
    expect(device.events().map(({ kind }) => kind)).toContain('model.unsigned');
  });
});
