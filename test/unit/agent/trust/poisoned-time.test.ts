import { beforeEach, describe, expect, it } from 'vitest';
import type { DesiredModel } from '../../../../src/protocol/index.ts';
import { documentBytes, type Fields, type TrustAnchor, withSignature } from '../../../../src/trust/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { MemoryMetadata } from '../../../fakes/memory-metadata.ts';
import { onlineKeyRotated, rotated } from '../../../fixtures/trust-rotation.ts';
import { beganMs, day, never, TrustWorld, verifier } from '../../../fixtures/trust-world.ts';

/** Whoever has the online key signs timestamps that say another time. */
function timestampsSay(world: TrustWorld, change: Fields): void {
  world.attack = (path, bytes) => {
    if (bytes === undefined || !path.endsWith('timestamp.json')) return bytes;
    const { signed } = JSON.parse(String(Buffer.from(bytes))) as { signed: Fields };
    const version = Number(signed.version) + 1;
    const document = { signed: { ...signed, version, ...change }, signatures: [] };
    return documentBytes(withSignature(document, world.online, verifier));
  };
}

const far = { issued: '9999-12-31T00:00:00Z', expires: '9999-12-31T12:00:00Z' };

/** Boards: without a clock; with one that is right; with one that NTP keeps right. */
const boards = [
  ['without a clock', (): FakeClock => new FakeClock(0), false],
  ['with a clock', (): FakeClock => new FakeClock(beganMs), false],
  ['whose clock NTP keeps', (): FakeClock => new FakeClock(beganMs), true],
] as const;

describe.each(boards)('A device %s', (_, newClock, synchronised) => {
  let world: TrustWorld;
  let disk: ReturnType<TrustWorld['disk']>;
  let anchor: TrustAnchor;
  let clock: FakeClock;
  let running: DesiredModel;

  beforeEach(async () => {
    world = await TrustWorld.make();
    disk = world.disk();
    anchor = world.anchor();
    clock = newClock();
    running = await world.release('1.0.0');
    world.order(running);
  });

  const gate = () => world.gate(disk, { anchor, clock, isSynchronised: () => synchronised });
  const honest = () => {
    world.attack = (_path, bytes) => bytes;
  };
  const knownDays = async () => ((await gate()).report().knownMs! - beganMs) / day;

  it('is taken two days ahead at most by a stolen online key that says the year 9999, and not over a restart', async () => {
    timestampsSay(world, far);
    for (let start = 0; start < 5; start++) await (await gate()).admit(running, never);
    expect(await knownDays()).toBeLessThanOrEqual(synchronised ? 0 : 2);
    expect((await gate()).report().problem).toBeUndefined();
    const live = await gate();
    await live.admit(running, never);
    expect(live.report().problem).toContain('9999-12-31');
  });

  it('forgets what that key said once the owners have put another one in its place, whenever it is killed', async () => {
    timestampsSay(world, far);
    await (await gate()).admit(running, never);
    honest();
    await onlineKeyRotated(world);
    const next = await world.release('2.0.0');
    world.order(next);
    // Killed after the root is kept and before the time is.
    disk.ledger.failing = new Error('killed');
    await expect((await gate()).admit(next, never)).rejects.toThrow('killed');
    disk.ledger.failing = undefined;
    await (await gate()).admit(next, never);
    expect(await knownDays()).toBeLessThan(1);
  });

  it('takes the next order of a controller whose clock was 120 days ahead for one', async () => {
    const store = new MemoryMetadata();
    for (const aheadMs of [120 * day, 0]) {
      world.controller = world.newController(world.online, store, new FakeClock(beganMs + aheadMs));
      await world.controller.load();
      await world.publish();
      await (await gate()).admit(running, never);
      // As the health of the fleet has it, a clock that is right may be a day behind.
      expect(await knownDays()).toBeLessThanOrEqual(2);
      clock.advance(60_000);
    }
  });

  it('takes the time of a new root where the owners had signed a year ahead', async () => {
    const today = world.clock.wallMs();
    world.clock.jumpWall(360 * day);
    const next = await world.release('2.0.0');
    world.clock.jumpWall(today - world.clock.wallMs());
    world.order(next);
    await expect((await gate()).admit(next, never)).resolves.toBeUndefined();
    await expect((await gate()).admit(next, never)).rejects.toMatchObject({ code: 'trust-expired' });
    rotated(world, (same) => same);
    await world.release('2.0.0');
    await (await gate()).admit(next, never);
    expect(await knownDays()).toBeLessThan(1);
  });
});
