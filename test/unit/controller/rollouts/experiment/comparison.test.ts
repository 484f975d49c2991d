import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dividedCameras } from '../../../../src/controller/desired/camera-shares.ts';
import { servedSince } from '../../../../src/controller/shares/served-since.ts';
import { type Birth, type DeploymentReport, metricNames } from '../../../../src/protocol/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { admin, birth, digest, loaded, otherDigest, slot } from '../../../fakes/test-fleet.ts';
import { bob, RolloutFleet } from '../rollouts/rollout-fleet.ts';

const blockMs = 300_000;
const dayBlocks = 288;
const devices = ['d1', 'd2'];
const cameras = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'];
const share = { of: 'street', toPercent: 50 };
const divided = (id: string) =>
  dividedCameras(
    { slots: { next: { model: { name: 'street', version: '2', digest }, share } } },
    { id, birth: { cameras } },
  ).get('next')!;

let rollouts: RolloutFleet;
let noise = 7;
/** About one: streets are never the same. */
const stir = () => {
  noise = (noise * 16_807) % 2_147_483_647;
  return 0.9 + (0.2 * noise) / 2_147_483_647;
};

/**
 * A week with one model, then the new one on its cameras, which finds `found` of what there is: for two hours, or for days. Of
 * those the first and the last two are told; `late`: of a camera that came to it yesterday it is that day.
 */
async function counted(found: number, servedBlocks = 24, late?: string): Promise<void> {
  const nowMs = rollouts.fleet.clock.wallMs();
  for (const id of devices) {
    const own = divided(id);
    const catalogue: Birth['catalogue'] = cameras.flatMap((camera, at) => {
      const of = (alias: number, name: string, labels: object) => [
        {
          alias: at * 10 + alias,
          name,
          unit: '1' as const,
          kind: 'counter' as const,
          labels: { camera, ...labels },
        },
      ];
      return [
        ...of(1, metricNames.processed, { model: 'street', version: '1' }),
        ...of(2, metricNames.detections, { model: 'street', version: '1' }),
        ...of(3, metricNames.processed, { model: 'street', version: '2', slot: 'next' }),
        ...of(4, metricNames.detections, { model: 'street', version: '2', slot: 'next' }),
      ];
    });
    await rollouts.fleet.birth(id, { ...birth, catalogue, cameras, groups: ['west'] });
    const historyBlocks = servedBlocks === 24 ? 3 * dayBlocks - 24 : 7 * dayBlocks;
    const blocks = historyBlocks + servedBlocks;
    for (const [at, camera] of cameras.entries()) {
      const totals = [0, 0, 0, 0];
      const begin = camera === late ? blocks - dayBlocks : historyBlocks;
      const told = (block: number) =>
        block < historyBlocks + dayBlocks || block % dayBlocks === 0 || block > blocks - 2 * dayBlocks;
      const samples = Array.from({ length: blocks }, (_, block) => {
        if (!told(block)) return [];
        const timeMs = nowMs - (blocks - block) * blockMs;
        const after = own.includes(camera) && block >= begin;
        const [frames, seen] = after ? [2, 3] : [0, 1];
        totals[frames]! += 3000;
        totals[seen]! += Math.round(6000 * stir() * (after ? found : 1));
        return [frames, seen].map(
          (one) => [timeMs, at * 10 + one + 1, totals[one]!] as [number, number, number],
        );
      }).flat();
      const sequence = at;
      await rollouts.fleet.metrics(id, { session: 1, sequence, entry: at + 1, historical: true, samples });
    }
    const served = own;
    const main = slot({
      loaded: { ...loaded, version: '1' },
      cameras: cameras.filter((one) => !own.includes(one)),
    });
    const next = slot({ loaded: { ...loaded, version: '2', digest: otherDigest }, cameras: served });
    await rollouts.fleet.reported(id, { generation: 1, slots: { main, next } });
    // What came is committed in batches.
    await rollouts.fleet.clock.pass(1_000);
    await settle();
  }
}

describe('Two versions that divide the cameras of devices', () => {
  beforeEach(async () => {
    rollouts = await RolloutFleet.open([]);
    for (const id of devices) await rollouts.fleet.birth(id, { groups: ['west'], cameras });
    await rollouts.push('2.0.0');
    await rollouts.fleet.controller.slots.set(admin, { group: 'west' }, 'next', { name: 'street', share });
  });
  afterEach(() => rollouts.fleet.stop());

  test.each([
    [1, 'pass'],
    [0.7, 'fail'],
  ])(
    'are compared camera by camera: the second one finds %f of what there is, %s',
    async (found, outcome) => {
      await counted(found);
      const report = await rollouts.fleet.controller.shares.report('street');
      const b = devices.flatMap(divided).length;
      expect(report).toMatchObject({ slot: 'next', a: 12 - b, b });
      expect(b).toBeGreaterThan(2);
      const detections = report.comparison?.metrics.find(({ metric }) => metric === 'detections');
      expect(detections).toMatchObject({ outcome, treated: { subjects: b }, control: { subjects: 12 - b } });
      const [low = 0, high = 0] = detections?.interval ?? [];
      expect(low).toBeLessThan(1 - found + 0.001);
      expect(high).toBeGreaterThan(1 - found - 0.001);
      expect(report.cameras.find(({ side }) => side === 'B')?.model).toBe('street 2');
    },
  );

  test.each([
    ['a harm after 20 days', 0.7, 20, 'fail', /lower/],
    ['one that is as good after 20 days', 1, 20, 'pass', /ruled out/],
  ])('are compared with what was before the second one: %s', async (_, found, days, outcome, says) => {
    await counted(found, days * dayBlocks);
    const { comparison } = await rollouts.fleet.controller.shares.report('street');
    const detections = comparison?.metrics.find(({ metric }) => metric === 'detections');
    expect(detections).toMatchObject({ outcome, says: expect.stringMatching(says) });
  });

  test('are no more compared, and it says why, when what was before is kept no more', async () => {
    const { store, clock } = rollouts.fleet;
    await counted(0.7, 40 * dayBlocks);
    const whole = store.metrics.bind(store);
    const keptMs = clock.wallMs() - 30 * dayBlocks * blockMs;
    store.metrics = (request) => {
      const { fromMs, stepMs } = request;
      return whole({ ...request, stepMs: fromMs < keptMs ? Math.max(stepMs, 3_600_000) : stepMs });
    };
    const { comparison } = await rollouts.fleet.controller.shares.report('street');
    const detections = comparison?.metrics.find(({ metric }) => metric === 'detections');
    expect(detections).toMatchObject({
      outcome: 'no-data',
      says: expect.stringContaining('not kept any more'),
    });
  });

  test('are compared from when each camera came to the second one', async () => {
    const late = divided('d1')[0]!;
    await counted(1, 10 * dayBlocks, late);
    const device = { id: 'd1', reported: undefined };
    const about = { cameras: divided('d1'), nowMs: rollouts.fleet.clock.wallMs() };
    const found = await servedSince(rollouts.fleet.store, device, 'next', about);
    const days = found.map(({ cameras, changedMs }) => [
      cameras,
      Math.round((about.nowMs - changedMs) / dayBlocks / blockMs),
    ]);
    expect(days).toEqual([
      [divided('d1').filter((camera) => camera !== late), 10],
      [[late], 1],
    ]);
  });

  test('are shown before the second one runs, and nothing is compared then', async () => {
    const report = await rollouts.fleet.controller.shares.report('street', 'next');
    expect(new Set(report.cameras.map(({ side }) => side))).toEqual(new Set(['A', 'waits']));
    expect(report.comparison).toBeUndefined();
    await expect(rollouts.fleet.controller.shares.report('nothing')).rejects.toMatchObject({
      code: 'share-unknown',
    });
  });

  test('are listed with what was asked, and each camera says why it has its version', async () => {
    const { shares } = rollouts.fleet.controller;
    const b = devices.flatMap(divided).length;
    const [listed, ...others] = (await shares.list()).shares;
    expect(others).toEqual([]);
    expect(listed).toMatchObject({ of: 'street', slot: 'next', a: 12 - b, b: 0, waits: b });
    expect(listed?.asked).toMatchObject([{ group: 'west', fromPercent: 0, toPercent: 50 }]);
    const report = await shares.report('street');
    for (const { device, camera, side, why } of report.cameras) {
      const within = divided(device).includes(camera);
      expect(side).toBe(within ? 'waits' : 'A');
      expect(why).toMatch(
        within ? /^[\d.]+ % is within 0 to 50 %; the model of next/ : /^[\d.]+ % is outside of 0 to 50 %$/,
      );
    }
  });

  const settingsOf = (name: string) =>
    rollouts.fleet.controller.groups.list().groups.find((one) => one.name === name)?.settings;

  const lookForDone = async () => {
    await rollouts.fleet.clock.pass(10_000);
    await settle();
    await settle();
  };

  test('are changed, promoted and ended wherever they are ordered, and a device that names its main is told', async () => {
    const { shareCommands, slots } = rollouts.fleet.controller;
    await slots.set(admin, { device: 'd2' }, 'next', { name: 'street', share });
    const changed = await shareCommands.act(bob, 'street', { action: 'change', toPercent: 80 });
    expect(changed).toEqual({ done: ['group west', 'device d2'], notes: [] });
    expect(settingsOf('west')?.slots?.next?.share).toEqual({ of: 'street', fromPercent: 0, toPercent: 80 });
    await slots.set(admin, { device: 'd1' }, 'main', { name: 'street' });
    const promoted = await shareCommands.act(bob, 'street', { action: 'promote' });
    expect(promoted.done).toEqual(['group west', 'device d2']);
    expect(promoted.notes).toEqual([
      expect.stringMatching(/^d1 names street 2.0.0 itself/),
      expect.stringMatching(/^d2/),
    ]);
    expect(settingsOf('west')?.slots?.main).toMatchObject({ model: { name: 'street', version: '2.0.0' } });
    // No device says yet what it runs: there is nothing to wait for.
    await lookForDone();
    expect(Object.keys(settingsOf('west')?.slots ?? {})).toEqual(['main']);
    await expect(shareCommands.act(bob, 'street', { action: 'end' })).rejects.toMatchObject({
      code: 'share-unknown',
    });
  });

  test('are promoted: the slot serves its cameras until main runs the version, whatever happens on the way', async () => {
    const { shareCommands, shares, devices: service } = rollouts.fleet.controller;
    const b = settingsOf('west')!.slots!.next!.model.digest;
    const says = async (id: string, main: 'old' | 'new', state: DeploymentReport['state'], next = true) => {
      const of = (digest: string) => ({ ...loaded, digest });
      const slots = {
        main: slot({ cameras: [], deployment: { state }, loaded: of(main === 'old' ? otherDigest : b) }),
        ...(next ? { next: slot({ cameras: divided(id), loaded: of(b) }) } : {}),
      };
      await rollouts.fleet.reported(id, { generation: service.detail(id).desired?.generation ?? 1, slots });
      await settle();
      await settle();
    };
    for (const id of devices) await says(id, 'old', 'committed');
    const served = (id: string) => service.detail(id).desired?.slots?.next?.cameras;
    const nodes = (id: string) =>
      Object.values(service.detail(id).desired?.pipelines ?? {}).filter((one) => one.nodes !== undefined)
        .length;
    const expectHeld = async (id: string) => {
      await lookForDone();
      expect([served(id), nodes(id)]).toEqual([divided(id), divided(id).length]);
      expect(settingsOf('west')?.slots?.next?.share).toEqual({ ...share, promoted: true });
    };
    await shareCommands.act(bob, 'street', { action: 'promote' });
    expect(service.detail('d1').desired?.slots?.main?.model?.digest).toBe(b);
    await expectHeld('d1');
    for (const state of ['downloading', 'checking', 'ready', 'failed'] as const) {
      await says('d1', 'old', state);
      await expectHeld('d1');
    }
    // It runs, and may go back yet.
    await says('d1', 'new', 'probation');
    await expectHeld('d1');
    await says('d1', 'new', 'committed');
    expect([served('d1'), nodes('d1')]).toEqual([undefined, 0]);
    await expectHeld('d2');
    const listed = (await shares.list()).shares[0];
    expect(listed).toMatchObject({ a: 12 - divided('d2').length, b: divided('d2').length, waits: 0 });
    expect(listed?.asked).toMatchObject([{ group: 'west', promoted: true }]);
    await says('d1', 'new', 'committed', false);
    // Another one is ordered for main while d2 is away: what d1 let go stays away.
    const { slots: orders } = rollouts.fleet.controller;
    await rollouts.push('3.0.0');
    for (const version of ['3.0.0', '2.0.0']) {
      await orders.set(admin, { group: 'west' }, 'main', { name: 'street', version });
      for (const state of ['downloading', 'committed'] as const) {
        await says('d1', version === '3.0.0' && state === 'committed' ? 'old' : 'new', state, false);
        expect([served('d1'), nodes('d1')]).toEqual([undefined, 0]);
        expect(served('d2')).toEqual(divided('d2'));
      }
    }
    await says('d2', 'new', 'committed', false);
    await lookForDone();
    expect(settingsOf('west')?.slots).toMatchObject({ main: { model: { version: '2.0.0' } } });
    expect(settingsOf('west')?.slots?.next).toBeUndefined();
    expect((await shares.list()).shares).toEqual([]);
  });

  describe('are promoted while the cameras of a device are away', () => {
    let b = '';
    const says = async (digest: string, state: DeploymentReport['state'], id = 'd1') => {
      const { desired } = rollouts.fleet.controller.devices.detail(id);
      const main = slot({ cameras: [], deployment: { state }, loaded: { ...loaded, digest } });
      await rollouts.fleet.reported(id, { generation: desired?.generation ?? 1, slots: { main } });
      await settle();
      await settle();
    };
    const has = async (own: string[], session: number) => {
      await rollouts.fleet.birth('d1', { groups: ['west'], cameras: own, session });
      await settle();
      await lookForDone();
    };
    const served = () => rollouts.fleet.controller.devices.detail('d1').desired?.slots?.next?.cameras;
    const whysOf = async () =>
      (await rollouts.fleet.controller.shares.report('street')).cameras
        .filter(({ device }) => device === 'd1')
        .map(({ why }) => why);

    beforeEach(async () => {
      const { shareCommands } = rollouts.fleet.controller;
      b = settingsOf('west')!.slots!.next!.model.digest;
      for (const id of devices) await says(otherDigest, 'committed', id);
      await shareCommands.act(bob, 'street', { action: 'promote' });
    });

    test('and main refused the version: they get it back with the slot, also after a restart', async () => {
      await says(otherDigest, 'failed');
      await has([], 2);
      expect(served()).toBeUndefined();
      expect(settingsOf('west')?.slots?.next?.share?.promoted).toBe(true);
      await rollouts.fleet.restart();
      await has(cameras, 3);
      expect(served()).toEqual(divided('d1'));
      expect((await whysOf()).filter((why) => why.includes('is promoted'))).toEqual([]);
      await lookForDone();
      expect(settingsOf('west')?.slots?.next?.share?.promoted).toBe(true);
    });

    test('and main had the version: they do not get the slot, also after a restart', async () => {
      const { slots } = rollouts.fleet.controller;
      await rollouts.push('3.0.0');
      await has([], 2);
      const { generation } = rollouts.fleet.controller.devices.detail('d1').desired!;
      await says(b, 'committed');
      // Nothing of it is for the device.
      expect(rollouts.fleet.controller.devices.detail('d1').desired).toMatchObject({ generation });
      expect(rollouts.fleet.controller.devices.detail('d1').desired).not.toHaveProperty('released');
      // By hand, before anything else is ordered.
      await says(otherDigest, 'committed');
      await slots.set(admin, { group: 'west' }, 'main', { name: 'street', version: '3.0.0' });
      await rollouts.fleet.restart();
      await has(cameras, 3);
      expect(served()).toBeUndefined();
      expect(new Set(await whysOf())).toEqual(
        new Set(['B is promoted, and main had it and was given another version']),
      );
    });
  });

  test('whose promotion is taken back keep the second one until somebody ends it', async () => {
    const { shareCommands, slots } = rollouts.fleet.controller;
    await shareCommands.act(bob, 'street', { action: 'promote' });
    await rollouts.push('1.5.0');
    await slots.set(admin, { group: 'west' }, 'main', { name: 'street', version: '1.5.0' });
    await lookForDone();
    expect(settingsOf('west')?.slots?.next?.model.version).toBe('2.0.0');
    await shareCommands.act(bob, 'street', { action: 'end' });
    expect(Object.keys(settingsOf('west')?.slots ?? {})).toEqual(['main']);
  });

  test.each(['change', 'promote', 'end'] as const)(
    'that somebody changes meanwhile are left as they are by %s, and the answer says so',
    async (action) => {
      const { shareCommands, slots } = rollouts.fleet.controller;
      await slots.set(admin, { device: 'd1' }, 'next', { name: 'street', share });
      await slots.set(admin, { device: 'd2' }, 'next', { name: 'street', share });
      await rollouts.push('3.0.0');
      const acting = shareCommands.act(bob, 'street', {
        action,
        ...(action === 'change' ? { toPercent: 80 } : {}),
      });
      // Both come while the command of the group has its turn.
      const meanwhile = [
        slots.set(admin, { device: 'd1' }, 'next', { name: 'street', version: '3.0.0', share }),
        slots.remove(admin, { device: 'd2' }, 'next'),
      ];
      await Promise.all(meanwhile);
      const answer = await acting;
      expect(answer.done).toEqual(['group west']);
      expect(answer.notes.slice(0, 2)).toEqual([
        'device d1 was given street 3.0.0 in next meanwhile, and keeps it.',
        'device d2 has no share of street in next any more.',
      ]);
      const { settings } = rollouts.fleet.controller.devices.detail('d1');
      expect(settings).toMatchObject({ slots: { next: { model: { version: '3.0.0' }, share } } });
      expect(settings.slots?.main?.model).toBeUndefined();
      expect(rollouts.fleet.controller.devices.detail('d2').settings).toEqual({});
    },
  );

  test('end without a change of main', async () => {
    await rollouts.fleet.controller.shareCommands.act(bob, 'street', { action: 'end' });
    expect(settingsOf('west')).toEqual({});
  });

  test.each([
    [{ action: 'change' as const }, 'share-range'],
    [{ action: 'promote' as const, toPercent: 10 }, 'share-range'],
    [{ action: 'change' as const, fromPercent: 50, toPercent: 50 }, 'slot-share'],
    [{ action: 'end' as const, slot: 'other' }, 'share-unknown'],
  ])('refuse %o', async (action, code) => {
    await expect(rollouts.fleet.controller.shareCommands.act(bob, 'street', action)).rejects.toMatchObject({
      code,
    });
    expect(settingsOf('west')?.slots?.next?.share).toEqual(share);
  });

  test('that are promoted are changed no more: it is refused, and where some are, the answer names them', async () => {
    const { shareCommands, slots } = rollouts.fleet.controller;
    await shareCommands.act(bob, 'street', { action: 'promote' });
    const change = () => shareCommands.act(bob, 'street', { action: 'change', toPercent: 80 });
    await expect(change()).rejects.toMatchObject({ code: 'share-promoted' });
    await slots.set(admin, { device: 'd2' }, 'next', { name: 'street', share });
    const answer = await change();
    expect(answer.done).toEqual(['device d2']);
    expect(answer.notes).toEqual([expect.stringMatching(/^B is promoted in the slot next of group west/)]);
    expect(settingsOf('west')?.slots?.next?.share).toEqual({ ...share, promoted: true });
  });

  test('of which there are several is said, and which is promoted is not guessed', async () => {
    const { shareCommands, slots } = rollouts.fleet.controller;
    await rollouts.push('3.0.0');
    await slots.set(admin, { device: 'd1' }, 'next', { name: 'street', version: '3.0.0', share });
    await expect(shareCommands.act(bob, 'street', { action: 'promote' })).rejects.toMatchObject({
      code: 'share-versions',
    });
    await slots.set(admin, { device: 'd1' }, 'third', {
      name: 'street',
      share: { ...share, fromPercent: 50, toPercent: 70 },
    });
    await expect(shareCommands.act(bob, 'street', { action: 'end' })).rejects.toMatchObject({
      code: 'share-slots',
    });
  });
});
