import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { bundleOf, day, TrustWorld } from '../../../fixtures/trust-world.ts';

describe('A controller whose clock jumps ahead', () => {
  let world: TrustWorld;
  const model = bundleOf('1.0.0');
  const order = () => world.controller.expectSigned(model, 10);
  const timestamp = () => world.controller.file('image/timestamp.json')!.bytes;
  const issued = () => JSON.parse(String(Buffer.from(timestamp()))).signed.issued as string;

  beforeEach(async () => {
    world = await TrustWorld.make();
    await world.release('1.0.0');
    order();
    timestamp();
  });

  it('signs nothing with that time: it refuses orders with a remedy, reports it, and serves earlier metadata', () => {
    const before = issued();
    world.clock.jumpWall(120 * day);
    expect(order).toThrowError(
      expect.objectContaining({
        code: 'trust-clock-jumped',
        message: expect.stringContaining('2027-03-01'),
        remedy: expect.stringContaining('Correct the clock'),
      }),
    );
    expect(issued()).toBe(before);
    expect(world.told).toContain('controller.clock-jumped');
    world.order(model);
    expect(() => world.controller.file('director/cam-1/timestamp.json')).toThrowError(/jump/);
    world.clock.jumpWall(-120 * day);
    order();
    expect(world.controller.file('director/cam-1/timestamp.json')).toBeDefined();
  });

  it.each([
    [
      'NTP keeps that clock',
      () => {
        world.synchronised = true;
      },
    ],
    [
      'the clocks of devices say so',
      () => {
        const clockOriginMs = world.clock.wallMs() - world.clock.monotonicMs();
        world.heard = [
          { online: true, clockOriginMs },
          { online: false, clockOriginMs: 0 },
        ];
      },
    ],
    ['owners sign something that day', () => world.release('2.0.0')],
  ])('signs where %s', async (_, confirm) => {
    world.clock.jumpWall(120 * day);
    expect(order).toThrow();
    await confirm();
    order();
    expect(issued()).toBe('2027-03-01T00:00:00Z');
  });

  it('signs after four days that passed, and after it was off for six', async () => {
    world.clock.advance(4 * day);
    order();
    world.controller = world.newController(
      world.online,
      world.published,
      new FakeClock(world.clock.wallMs() + 6 * day),
    );
    await world.controller.load();
    order();
  });

  it('does not believe that it was off for months either, while nobody says so', async () => {
    const ahead = new FakeClock(world.clock.wallMs() + 120 * day);
    world.controller = world.newController(world.online, world.published, ahead);
    await world.controller.load();
    expect(order).toThrowError(expect.objectContaining({ code: 'trust-clock-jumped' }));
  });

  it('signs with a clock that was set back', () => {
    world.clock.jumpWall(-30 * day);
    order();
  });
});
