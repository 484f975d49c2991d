import { beforeEach, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../../../src/base/index.ts';
import { type DesiredModel, topics } from '../../../../src/protocol/index.ts';
import type { TrustAnchor, TrustSigner } from '../../../../src/trust/index.ts';
import { orderPayload, orderType, signPayload } from '../../../../src/trust/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { FakeDevice } from '../../../fakes/fake-device.ts';
import { FakeBroker } from '../../../fakes/fake-transport.ts';
import { onlineKeyRotated } from '../../../fixtures/trust-rotation.ts';
import { newSigner, TrustWorld, verifier } from '../../../fixtures/trust-world.ts';

const highest = Number.MAX_SAFE_INTEGER;

/** As whoever has `signer` signs it. */
function orderOf(model: DesiredModel, generation: number, signer: TrustSigner): Uint8Array {
  const desired = encodeUtf8(JSON.stringify({ generation, timeMs: 0, slots: { main: { model } } }));
  return signPayload(orderType, orderPayload('d1', desired), signer, verifier);
}

describe('A stolen online key', () => {
  let world: TrustWorld;
  let disk: ReturnType<TrustWorld['disk']>;
  let anchor: TrustAnchor;
  let broker: FakeBroker;
  let device: FakeDevice;
  let old: DesiredModel;
  let next: DesiredModel;

  beforeEach(async () => {
    world = await TrustWorld.make();
    disk = world.disk();
    anchor = world.anchor();
    broker = new FakeBroker(world.clock);
    device = new FakeDevice(broker, world.clock);
    old = await world.release('1.0.0');
    next = await world.release('1.1.0');
    await start();
  });

  async function start(): Promise<void> {
    device.trust = await world.gate(disk, { device: 'd1', anchor });
    await device.start({ probationSeconds: 0 });
    await world.clock.pass(1000);
  }

  /** As whoever has `signer` orders it. */
  async function order(model: DesiredModel, generation: number, signer: TrustSigner): Promise<void> {
    world.order(model, 'd1');
    const payload = orderOf(model, generation, signer);
    broker.publish('controller', { topic: topics.desired('d1'), payload, qos: 1, retain: true });
    await world.clock.pass(60_000);
    await settle();
  }
  const reported = () => device.sent('reported').at(-1)!;
  const runs = () => device.pipeline.identity.digest;

  it('decides the generations of its orders only while the root names it', async () => {
    await order(next, 1, world.online);
    expect(runs()).toBe(next.digest);
    await order(old, highest, world.online);
    expect(runs()).toBe(old.digest);
    // Nothing that this key gave is newer than that.
    await order(next, 2, world.online);
    expect(runs()).toBe(old.digest);

    const fresh = await onlineKeyRotated(world);
    await order(next, 2, fresh);
    expect(runs()).toBe(next.digest);
    expect(reported()).toMatchObject({
      generation: 2,
      slots: { main: { loaded: { digest: next.digest }, deployment: { state: 'committed' } } },
    });
    // The thief has the old key still.
    await order(old, highest, world.online);
    expect(runs()).toBe(next.digest);
  });

  it('is over after a restart too, whenever the device was killed', async () => {
    await order(old, highest, world.online);
    const fresh = await onlineKeyRotated(world);
    // Killed in each step that its memory takes on the way: what is on the disk then is where the next start begins.
    const before = device.memory.saved.length;
    await order(next, 5, fresh);
    const steps = device.memory.saved.slice(before);
    expect(steps.length).toBeGreaterThan(3);
    for (const state of steps) {
      device.kill();
      device.memory.stored = structuredClone(state);
      await start();
      await world.clock.pass(60_000);
      expect(runs()).toBe(next.digest);
      expect(device.memory.stored).toMatchObject({ generation: 5 });
    }
    device.kill();
    await start();
    await order(old, highest, world.online);
    expect(runs()).toBe(next.digest);
    await order(old, 4, fresh);
    expect(runs()).toBe(next.digest);
    await order(old, 6, fresh);
    expect(runs()).toBe(old.digest);
  });

  it('hides no order of the new one by a flood that uses up the request for a new root', async () => {
    await order(next, 1, world.online);
    const publish = async (payload: Uint8Array) => {
      broker.publish('controller', { topic: topics.desired('d1'), payload, qos: 1, retain: true });
      await settle();
    };
    await publish(orderOf(next, 2, newSigner()));
    const fresh = await onlineKeyRotated(world);
    world.order(old, 'd1');
    // Whether there is a new root was asked a moment ago: it is refused, and not lost.
    await publish(orderOf(old, 7, fresh));
    expect(runs()).toBe(next.digest);
    await world.clock.pass(180_000);
    expect(runs()).toBe(old.digest);
    expect(device.memory.stored).toMatchObject({ generation: 7 });
  });

  it('does not overtake the order of the new one that waits for the new root', async () => {
    await order(next, 1, world.online);
    const fresh = await onlineKeyRotated(world);
    world.order(next, 'd1');
    for (const payload of [orderOf(next, 1, fresh), orderOf(old, highest, world.online)])
      broker.publish('controller', { topic: topics.desired('d1'), payload, qos: 1, retain: true });
    await world.clock.pass(60_000);
    expect(runs()).toBe(next.digest);
    expect(device.memory.stored).toMatchObject({ generation: 1 });
    await order(next, 2, fresh);
    expect(device.memory.stored).toMatchObject({ generation: 2 });
  });
});
