import { expect, test, vi } from 'vitest';
import type { Group } from '../../../../src/api/index.ts';
import type { Cancel } from '../../../../src/base/index.ts';
import { DeviceRegistry } from '../../../../src/controller/fleet/device-registry.ts';
import { SeriesTable } from '../../../../src/controller/history/series.ts';
import type { Rollout } from '../../../../src/controller/rollouts/rollout.ts';
import { DeviceShareService } from '../../../../src/controller/shares/device-share-service.ts';
import { ShareCounts } from '../../../../src/controller/shares/share-counts.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';
import { birth, digest } from '../../../fakes/test-fleet.ts';

/** Whoever looks at it has waited: a hundred looks are as long as a turn. */
class TiredClock extends FakeClock {
  looks = 0;
  /** How often somebody let everything else have its turn. */
  turns = 0;
  override monotonicMs(): number {
    this.looks += 1;
    return super.monotonicMs() + this.looks * 0.05;
  }
  override after(delayMs: number, run: () => void): Cancel {
    this.turns += 1;
    return super.after(delayMs, run);
  }
  /** What comes of it, with the turns that it took. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.turns = 0;
    this.looks = 0;
    let done = false;
    void work.then(() => {
      done = true;
    });
    await settle();
    while (!done) await this.pass(0);
    return work;
  }
}

const names = ['a', 'b', 'c', 'd', 'e'];
const groupOf = (toPercent: number): Group => ({
  name: 'all',
  members: [],
  settings: {
    slots: Object.fromEntries(
      names.map((of) => [of, { model: { name: 'street', version: '2', digest }, share: { of, toPercent } }]),
    ),
  },
});

test('10,000 devices with 5 shares are counted in turns, once for all who ask, and what has not changed is kept', async () => {
  const clock = new TiredClock();
  const registry = new DeviceRegistry(clock, new SeriesTable(10));
  const cameras = ['c0', 'c1'];
  for (let at = 0; at < 10_000; at++)
    registry.ensure(`d${at}`).birth = { ...birth, cameras, groups: ['all'] };
  registry.setGroup(groupOf(10));
  const counts = new ShareCounts(registry, clock);
  const counted = async () => {
    const [first = [], ...others] = await clock.during(
      Promise.all([counts.list(), counts.list(), counts.list()]),
    );
    for (const other of others) expect(other).toBe(first);
    return first;
  };
  const shares = await counted();
  expect(clock.turns).toBeGreaterThan(90);
  // One look a device and one a turn: three passes would be three times as many.
  expect(clock.looks).toBeLessThan(11_000);
  expect(shares.map(({ of }) => of)).toEqual(names);
  for (const { a, b, waits } of shares) expect([a + waits <= 20_000, b]).toEqual([true, 0]);
  expect(shares[0]?.waits).toBeGreaterThan(1_500);
  const looksAtGroups = vi.spyOn(registry, 'groupsOf');
  expect(await counted()).toEqual(shares);
  // Only whether anything changed: to divide the cameras would take several.
  expect(looksAtGroups).toHaveBeenCalledTimes(10_000);
  looksAtGroups.mockRestore();

  // What a device says, and what its group says, counts at once.
  const [before = shares[0]!] = shares;
  registry.get('d1')!.birth = { ...birth, cameras: [], groups: ['all'] };
  const [fewer] = await counted();
  expect(before.a + before.waits - (fewer!.a + fewer!.waits)).toBeGreaterThan(0);
  registry.setGroup(groupOf(20));
  expect((await counted())[0]?.waits).toBeGreaterThan(before.waits * 1.5);
});

test('50 rollouts over 2,000 devices are looked through in turns, once for all who ask while none of them changes', async () => {
  const clock = new TiredClock();
  const registry = new DeviceRegistry(clock, new SeriesTable(10));
  const rollouts = Array.from({ length: 50 }, (_, at) => rolloutOf(at, 2_000));
  for (const { device } of rollouts[0]!.devices.values())
    registry.ensure(device).settings = {
      slots: { main: { model: { name: 'street', version: '1', digest, order: 'of 0' } } },
    };
  const service = new DeviceShareService({
    registry,
    store: new FakeStore(),
    clock,
    rollouts: () => rollouts,
  });
  const list = () => clock.during(Promise.all([service.list(), service.list(), service.list()]));
  const [first] = await list();
  // Each rollout is walked twice, a step for 256 devices.
  const steps = 2 * 50 * (Math.floor(2_000 / 256) + 1);
  expect(clock.turns).toBeGreaterThan(steps / 130);
  expect(clock.looks).toBeLessThan(1.2 * steps);
  expect(first?.shares).toMatchObject([{ of: 'ab', sides: [{ name: 'r0', run: 2_000 }] }]);
  await list();
  expect(clock.turns).toBe(0);
  // One that changes is seen at once, what is ordered by hand some seconds later.
  rollouts[0] = { ...rollouts[0]!, state: 'aborted' };
  expect((await list())[0]?.shares).toEqual([]);
  rollouts[0] = { ...rollouts[0]!, state: 'finished' };
  await list();
  registry.ensure('d1').settings = {};
  await clock.pass(5_000);
  expect((await list())[0]?.shares[0]?.sides[0]?.run).toBe(1_999);
});

function rolloutOf(at: number, devices: number): Rollout {
  const committed = { wave: 0, sinceMs: 0, state: 'committed' as const, order: `of ${at}` };
  return {
    ...{
      id: `r${at}`,
      name: `r${at}`,
      slot: 'main',
      createdMs: at,
      sinceMs: 0,
      wave: 0,
      waves: [],
      notes: [],
    },
    ...{ createdBy: { token: 't', name: 'ann' }, state: 'finished' },
    policy: { model: { name: 'street' }, target: { all: true, share: { of: 'ab', toPercent: 50 } } },
    model: { name: 'street', version: '1', digest },
    devices: new Map(
      Array.from({ length: devices }, (_, one) => [`d${one}`, { device: `d${one}`, ...committed }]),
    ),
  };
}
