import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Experiment, RolloutAction } from '../../../../../src/api/index.ts';
import { mainSlot } from '../../../../../src/protocol/index.ts';
import { admin, digest as oldDigest } from '../../../../fakes/test-fleet.ts';
import { RolloutFleet } from '../rollout-fleet.ts';

const cameras = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'];
const ids = ['d1', 'd2', 'd3', 'd4'];
let fleet: RolloutFleet;
let digest: string;

async function begin(experiment: Experiment, more: object = {}): Promise<void> {
  await fleet.create({ experiment, ...more }, { name: 'to-2' });
  await fleet.turn(6);
}
const show = () => fleet.show('to-2');
const act = async (action: RolloutAction['action'], more: Partial<RolloutAction> = {}) => {
  await fleet.rollouts.act(admin, 'to-2', { action, ...more });
  await fleet.turn(8);
};
const report = () => fleet.fleet.controller.experiments.report('to-2');
const unitsOf = async (arm: string) =>
  (await report()).units.filter((one) => one.arm === arm).map(({ device, camera }) => `${device}/${camera}`);
const settingsOf = (id: string) => fleet.fleet.controller.devices.detail(id).settings;
/** The cameras that the slot next serves alone, as the device is told. */
const divided = (id: string) => {
  const { slots = {}, pipelines = {} } = fleet.desired(id) ?? {};
  const own = slots.next?.cameras ?? [];
  expect(Object.keys(pipelines).sort()).toEqual([...own].sort());
  return own;
};

beforeEach(async () => {
  fleet = await RolloutFleet.open([]);
  for (const id of ids) await fleet.join(id, [], cameras);
  digest = await fleet.push('2.0.0');
});
afterEach(() => fleet.fleet.stop());

describe('An experiment by camera', () => {
  const half = { by: 'camera', percent: 50 } as const;

  test('gives B its cameras on every device, in a slot of its own, and waits for a person', async () => {
    await begin(half);
    expect(show()).toMatchObject({ state: 'comparing', slot: 'next', wave: 0, counts: { committed: 4 } });
    expect(show().next).toContain('Promote B or roll it back');
    for (const id of ids) {
      expect(fleet.running.get(id)?.digest).toBe(oldDigest);
      expect(fleet.desired(id)?.slots?.next?.model?.digest).toBe(digest);
      expect(divided(id).length).toBeGreaterThan(0);
    }
    const { a, b, waits, units } = await report();
    expect([a + b, waits]).toEqual([24, 0]);
    expect(units.filter(({ arm }) => arm === 'B').map(({ device, camera }) => [device, camera])).toEqual(
      ids.flatMap((id) => divided(id).map((camera) => [id, camera])),
    );
    for (const { arm, why, model } of units) {
      expect(why).toMatch(
        arm === 'B' ? /^[\d.]+ % is within 0 to 50 %$/ : /^[\d.]+ % is outside of 0 to 50 %$/,
      );
      expect(model).toBe(arm === 'B' ? 'street 2.0.0' : 'street 1.0.0');
    }
    await fleet.minutes(3);
    expect(show().state).toBe('comparing');
  });

  test('serves nothing by B before it runs, and gives cameras back where it is lost', async () => {
    fleet.behaviours.set('d1', 'silent');
    await begin(half);
    expect(show().state).toBe('running');
    const told = fleet.desired('d1')!;
    expect(told.slots?.next?.cameras?.length).toBeGreaterThan(0);
    expect(told.pipelines).toBeUndefined();
    expect((await unitsOf('waits')).every((unit) => unit.startsWith('d1/'))).toBe(true);
    fleet.behaviours.delete('d1');
    await fleet.turn(4);
    expect(divided('d1')).toEqual(told.slots?.next?.cameras);
    expect(await unitsOf('waits')).toEqual([]);
    fleet.beside.set('d1', {});
    await fleet.report('d1', { state: 'idle' });
    expect(fleet.desired('d1')?.pipelines).toBeUndefined();
  });

  test('is promoted: B serves its cameras until main of the device has it, then its slot goes', async () => {
    await begin(half);
    const had = new Map(ids.map((id) => [id, divided(id)]));
    fleet.behaviours.set('d2', 'probation');
    await act('promote');
    expect(show()).toMatchObject({ state: 'running', slot: mainSlot, wave: 1 });
    expect(fleet.desired('d1')?.slots).toMatchObject({ main: { model: { digest } } });
    expect(fleet.desired('d1')?.slots?.next).toBeUndefined();
    expect(settingsOf('d1').slots).not.toHaveProperty('next');
    // Main is watched: it may go back yet.
    expect(divided('d2')).toEqual(had.get('d2'));
    fleet.behaviours.delete('d2');
    await fleet.fleet.controller.desiredState.retryDevice(admin, 'd3');
    await fleet.report('d2', { state: 'committed', digest, order: orderOf('d2') });
    fleet.running.set('d2', { digest, version: '2.0.0' });
    await fleet.report('d2', { state: 'committed', digest, order: orderOf('d2') });
    await fleet.turn(4);
    expect(fleet.desired('d2')?.slots?.next).toBeUndefined();
    expect((await unitsOf('A')).length + (await unitsOf('waits')).length).toBe(0);
    expect((await report()).comparison).toBeUndefined();
  });

  const orderOf = (id: string) => fleet.desired(id)!.slots!.main!.model!.order!;

  test.each(['before', 'after'])(
    'is rolled back %s its promotion: A serves everything, no slot is left',
    async (when) => {
      await begin(half);
      if (when === 'after') await act('promote');
      await act('rollback');
      expect(show()).toMatchObject({ state: 'rolled-back', counts: { reverted: 4 } });
      for (const id of ids) {
        expect(fleet.running.get(id)?.digest).toBe(oldDigest);
        expect(fleet.desired(id)?.slots ?? {}).not.toHaveProperty('next');
        expect(fleet.desired(id)?.pipelines).toBeUndefined();
      }
    },
  );

  test('keeps B on its cameras where main refuses the version, until it is rolled back', async () => {
    await begin(half, { success: { abortPercent: 50 }, onFail: 'pause' });
    const own = divided('d1');
    fleet.behaviours.set('d1', 'refuses');
    await act('promote');
    expect(fleet.stateOf('d1', 'to-2')).toBe('refused');
    expect(fleet.running.get('d1')?.digest).toBe(oldDigest);
    if (show().state !== 'finished') expect(divided('d1')).toEqual(own);
    await fleet.turn(4);
    // It is over, and nobody would look after the slot.
    expect(show().state).toBe('finished');
    expect(fleet.desired('d1')?.slots).not.toHaveProperty('next');
  });

  test('ends by itself where a device cannot bear B', async () => {
    fleet.behaviours.set('d3', 'fails');
    await begin(half);
    await fleet.turn(6);
    expect(show()).toMatchObject({ state: 'rolled-back', reason: expect.stringContaining('d3') });
    for (const id of ids) expect(fleet.desired(id)?.slots ?? {}).not.toHaveProperty('next');
  });

  test('is resized: the same order with other cameras, and what was B stays B where it grows', async () => {
    await begin(half);
    const before = ids.map((id) => [fleet.desired(id)!.slots!.next!.model!.order, ...divided(id)]);
    await act('resize', { percent: 80 });
    expect(show()).toMatchObject({ state: 'comparing', policy: { experiment: { percent: 80 } } });
    for (const [at, id] of ids.entries()) {
      const [order, ...own] = before[at]!;
      expect(fleet.desired(id)!.slots!.next!.model!.order).toBe(order);
      expect(divided(id)).toEqual(expect.arrayContaining(own));
    }
    await act('resize', { percent: 10 });
    expect(ids.flatMap(divided).length).toBeLessThan(before.flat().length - ids.length);
    await expect(act('resize')).rejects.toMatchObject({ code: 'experiment-none' });
    await act('promote');
    await expect(act('resize', { percent: 50 })).rejects.toMatchObject({ code: 'rollout-state' });
  });

  test('leaves a device alone that has no camera of B, until it has one or B is promoted', async () => {
    const share = await import('../../../../../src/controller/fleet/share.ts');
    const [inside, outside] = [true, false].map(
      (is) => cameras.find((one) => share.isInShare(`d5/${one}`, { of: 'to-2', toPercent: 50 }) === is)!,
    );
    await fleet.join('d5', [], [outside!]);
    await begin(half);
    expect(show().devices.find(({ device }) => device === 'd5')).toMatchObject({
      ...{ state: 'left-out', by: 'no-camera', reason: 'None of its cameras is B.' },
    });
    expect(fleet.desired('d5')).toBeUndefined();
    await fleet.join('d5', [], [outside!, inside!]);
    await fleet.turn(6);
    expect(fleet.stateOf('d5', 'to-2')).toBe('committed');
    expect(divided('d5')).toEqual([inside]);
    await act('promote');
    expect(fleet.running.get('d5')?.digest).toBe(digest);
  });

  test('divides devices that join it, and lets go of one that somebody takes out by hand', async () => {
    await begin(half);
    await fleet.join('late', [], cameras);
    await fleet.minutes(1);
    expect(divided('late').length).toBeGreaterThan(0);
    await fleet.fleet.controller.slots.remove(admin, { device: 'd1' }, 'next');
    await fleet.turn(3);
    expect(show().devices.find(({ device }) => device === 'd1')).toMatchObject({
      ...{ state: 'left-out', by: 'by-hand' },
    });
    await act('promote');
    expect(fleet.running.get('d1')?.digest).toBe(oldDigest);
    expect(fleet.running.get('late')?.digest).toBe(digest);
    expect(show().state).toBe('finished');
  });

  test('removes B from a device whose order was retried', async () => {
    await begin(half);
    await fleet.fleet.controller.desiredState.retryDevice(admin, 'd1', 'next');
    await fleet.turn(3);
    expect(fleet.stateOf('d1', 'to-2')).toBe('left-out');
    expect(settingsOf('d1').slots?.next?.share).toBeDefined();
    await act('rollback');
    expect(show().state).toBe('rolled-back');
    for (const id of ids) expect(settingsOf(id).slots ?? {}).not.toHaveProperty('next');
  });

  test('leaves a device alone whose slot has a model already, and says so before it begins', async () => {
    const { slots } = fleet.fleet.controller;
    await slots.set(admin, { device: 'd1' }, 'next', { name: 'street', role: 'shadow' });
    const own = settingsOf('d1');
    const policy = { experiment: half, model: { name: 'street' }, target: { all: true as const } };
    const { leftOut } = await fleet.rollouts.preview({ name: 'to-2', policy });
    expect(leftOut).toEqual([{ device: 'd1', why: 'Its slot next has a model already.' }]);
    await begin(half);
    expect(fleet.stateOf('d1', 'to-2')).toBe('left-out');
    await act('promote');
    expect(fleet.running.get('d2')?.digest).toBe(digest);
    expect(settingsOf('d1')).toEqual(own);
  });

  test('cannot be aborted, as B would stay and be nobody\u2019s, nor superseded while it runs', async () => {
    await begin(half);
    await expect(act('abort')).rejects.toMatchObject({ code: 'rollout-state' });
    for (const slot of ['main', 'next'])
      await expect(fleet.create({ slot, supersede: true }, { name: 'other' })).rejects.toMatchObject({
        code: 'rollout-overlap',
      });
    await act('promote');
    expect(show().state).toBe('finished');
    await fleet.create({ supersede: true }, { name: 'other' });
  });

  test('is the only one that gives a slot a share: settings that name one by hand are refused', async () => {
    await begin(half);
    const { desiredState } = fleet.fleet.controller;
    const own = settingsOf('d1');
    await desiredState.setDevice(admin, 'd1', own);
    const { next } = own.slots!;
    for (const share of [
      { of: 'to-2', toPercent: 90 },
      { of: 'x', toPercent: 50 },
    ])
      await expect(
        desiredState.setDevice(admin, 'd1', { slots: { next: { ...next!, share } } }),
      ).rejects.toMatchObject({ code: 'slot-share' });
  });

  test('goes on with the next life of the controller, in each of its states', async () => {
    await begin(half);
    await fleet.fleet.restart();
    for (const id of ids) await fleet.online(id);
    await fleet.turn(4);
    expect(show().state).toBe('comparing');
    await fleet.rollouts.act(admin, 'to-2', { action: 'promote' });
    await fleet.fleet.restart();
    for (const id of ids) await fleet.online(id);
    await fleet.turn(8);
    expect(show()).toMatchObject({ state: 'finished', counts: { committed: 4 } });
    for (const id of ids) expect(settingsOf(id).slots).not.toHaveProperty('next');
  });
});

describe('An experiment by device', () => {
  test.each<[string, Experiment]>([
    ['percent', { by: 'device', percent: 50 }],
    ['labels', { by: 'device', labels: { ring: 'b' } }],
  ])('by %s: B is on its part until somebody promotes it', async (_, experiment) => {
    for (const id of ['d3', 'd4']) await fleet.fleet.controller.labels.setLabels(admin, id, { ring: 'b' });
    await begin(experiment);
    const b = ids.filter((id) => fleet.running.get(id)?.digest === digest);
    expect(b.length).toBeGreaterThan(0);
    expect(b.length).toBeLessThan(4);
    expect(show()).toMatchObject({
      state: 'comparing',
      counts: { committed: b.length, waiting: 4 - b.length },
    });
    const { units, a } = await report();
    expect(units.filter(({ arm }) => arm === 'B').map(({ device }) => device)).toEqual(b);
    expect(a).toBe(4 - b.length);
    await act('promote');
    expect(show()).toMatchObject({ state: 'finished', counts: { committed: 4 } });
    for (const id of ids) expect(fleet.running.get(id)?.digest).toBe(digest);
  });

  test('only grows, and who joins falls where its name does', async () => {
    await begin({ by: 'device', percent: 40 });
    const b = (await report()).units.filter(({ arm }) => arm === 'B').map(({ device }) => device);
    await expect(act('resize', { percent: 20 })).rejects.toMatchObject({ code: 'experiment-shrinks' });
    await act('resize', { percent: 99 });
    expect(show()).toMatchObject({ state: 'comparing' });
    const more = (await report()).units.filter(({ arm }) => arm === 'B').map(({ device }) => device);
    expect(more).toEqual(expect.arrayContaining(b));
    expect(more.length).toBeGreaterThan(b.length);
    for (let at = 0; at < 4; at++) await fleet.join(`late${at}`);
    await fleet.minutes(1);
    const late = show().devices.filter(({ device }) => device.startsWith('late'));
    for (const { device, wave, state } of late)
      expect([device, wave, state]).toEqual([device, wave, wave === 0 ? 'committed' : 'waiting']);
  });

  test('may be aborted: B keeps what it has', async () => {
    await begin({ by: 'device', percent: 50 });
    const b = ids.filter((id) => fleet.running.get(id)?.digest === digest);
    await act('abort');
    expect(show().state).toBe('aborted');
    for (const id of ids) expect(fleet.running.get(id)?.digest).toBe(b.includes(id) ? digest : oldDigest);
  });
});

test('A rollout without an experiment has no report of one', async () => {
  await fleet.create({}, { name: 'to-2' });
  await expect(report()).rejects.toMatchObject({ code: 'experiment-unknown' });
});
