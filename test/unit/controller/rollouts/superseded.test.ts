import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RolloutPolicy } from '../../../../src/api/index.ts';
import { admin, digest as oldDigest } from '../../../fakes/test-fleet.ts';
import { bob, RolloutFleet } from './rollout-fleet.ts';

describe('A rollout that takes the place of another', () => {
  let fleet: RolloutFleet;
  let digest: string;
  beforeEach(async () => {
    fleet = await RolloutFleet.open(['d1', 'd2', 'd3', 'd4']);
    digest = await fleet.push('2.0.0');
    fleet.behaviours.set('d4', 'silent');
  });
  afterEach(() => fleet.fleet.stop());
  const told = () => fleet.desired('d4')?.slots?.main?.model;
  const to3 = (more: Partial<RolloutPolicy>, draft = false) =>
    fleet.create(
      {
        ...{ model: { name: 'street', version: '3.0.0' }, supersede: true, target: { devices: ['d4'] } },
        ...more,
      },
      { name: 'to-3', draft },
    );

  test('gives nobody the superseded version when it goes back', async () => {
    await fleet.create({});
    await fleet.turn(2);
    await fleet.rollouts.act(bob, 'to-2', { action: 'pause' });
    await fleet.turn(1);
    await fleet.push('3.0.0');
    await to3({});
    await fleet.turn(2);
    await fleet.rollouts.act(admin, 'to-3', { action: 'abort' });
    fleet.behaviours.delete('d4');
    await fleet.minutes(2);
    expect(fleet.running.get('d4')?.digest).toBe(oldDigest);
  });

  test('orders a device although it is still at work for the superseded one', async () => {
    await fleet.fleet.controller.labels.setLabels(admin, 'd4', { site: 'west' });
    await fleet.create({});
    await fleet.turn(2);
    await fleet.report('d4', { state: 'downloading', digest, order: told()!.order! });
    await fleet.turn(1);
    const three = await fleet.push('3.0.0');
    await to3({ disruption: { by: 'site', maxUnavailable: 1 } });
    await fleet.minutes(10);
    expect(told()?.digest).toBe(three);
  });

  test('a device that is away costs no entry of the audit at each window', async () => {
    const windows = [{ what: 'switch' as const, cron: '*/2 * * * *', timeZone: 'UTC', minutes: 1 }];
    await fleet.create({ unreachable: { afterMinutes: 1, rule: 'skip' }, windows, lateJoiners: 'leave' });
    await fleet.turn(2);
    await fleet.offline('d4');
    await fleet.minutes(3);
    const before = fleet.fleet.store.auditRows.length;
    await fleet.minutes(20);
    expect(fleet.fleet.store.auditRows.length - before).toBeLessThan(3);
  });

  test('goes back to what served before the one that failed, too', async () => {
    fleet.behaviours.set('d4', 'fails');
    await fleet.create({ onFail: 'pause' });
    await fleet.turn(3);
    expect(fleet.stateOf('d4')).toBe('failed');
    await fleet.push('3.0.0');
    fleet.behaviours.set('d4', 'silent');
    await to3({});
    await fleet.turn(2);
    await fleet.rollouts.act(admin, 'to-3', { action: 'abort' });
    await fleet.turn(2);
    expect(told()?.digest).toBe(oldDigest);
  });

  test('takes a device back to the superseded version where it ran that', async () => {
    fleet.behaviours.delete('d4');
    await fleet.create({ waves: [{ percent: 100, soakMinutes: 600 }] });
    await fleet.turn(3);
    expect(fleet.stateOf('d4')).toBe('committed');
    await fleet.push('3.0.0');
    await to3({});
    await fleet.turn(1);
    await fleet.rollouts.act(admin, 'to-3', { action: 'abort' });
    await fleet.minutes(1);
    expect(fleet.running.get('d4')?.digest).toBe(digest);
  });

  test('lets nobody switch to the superseded version before its own wave', async () => {
    await fleet.create({});
    await fleet.turn(2);
    expect(told()).not.toHaveProperty('hold');
    await fleet.push('3.0.0');
    const waves = [{ devices: ['d1'], soakMinutes: 600 }, { percent: 100 }];
    await to3({ target: { devices: ['d1', 'd4'] }, waves });
    await fleet.turn(2);
    expect(told()).toMatchObject({ digest, hold: true });
    fleet.behaviours.delete('d4');
    await fleet.minutes(2);
    expect(fleet.stateOf('d4', 'to-3')).toBe('waiting');
    expect(fleet.running.get('d4')?.digest).toBe(oldDigest);
  });

  test('claims nobody while it is a draft', async () => {
    await fleet.create({});
    await fleet.turn(2);
    await fleet.push('3.0.0');
    await to3({}, true);
    await fleet.turn(2);
    expect(told()?.digest).toBe(oldDigest);
  });

  test('orders a device that is on its way back from the superseded one', async () => {
    await fleet.fleet.controller.labels.setLabels(admin, 'd4', { site: 'west' });
    await fleet.create({});
    await fleet.turn(2);
    const three = await fleet.push('3.0.0');
    await to3({ disruption: { by: 'site', maxUnavailable: 1 } }, true);
    await fleet.turn(2);
    expect(fleet.stateOf('d4')).toBe('reverting');
    await fleet.rollouts.act(admin, 'to-3', { action: 'start' });
    await fleet.turn(2);
    expect(told()?.digest).toBe(three);
  });

  test('is not waited for by who still had an order when it finished', async () => {
    for (const id of ['d1', 'd4']) await fleet.fleet.controller.labels.setLabels(admin, id, { site: 'west' });
    await fleet.create({ target: { devices: ['d2', 'd4'] }, unreachable: { afterMinutes: 1, rule: 'skip' } });
    await fleet.turn(2);
    await fleet.offline('d4');
    await fleet.minutes(3);
    await fleet.online('d4');
    await fleet.minutes(1);
    expect(fleet.show().state).toBe('finished');
    expect(fleet.stateOf('d4')).toBe('ordered');
    const three = await fleet.push('3.0.0');
    await to3({ target: { devices: ['d1'] }, disruption: { by: 'site', maxUnavailable: 1 } });
    await fleet.minutes(1);
    expect(fleet.running.get('d1')?.digest).toBe(three);
  });

  test('watches nobody who runs the superseded version already', async () => {
    await fleet.create({});
    await fleet.turn(2);
    await fleet.push('3.0.0');
    await to3({ target: { devices: ['d1', 'd2', 'd3'] } });
    fleet.running.set('d4', { digest, version: '2.0.0' });
    await fleet.report('d4', { state: 'idle' });
    await fleet.minutes(1);
    expect(fleet.stateOf('d4')).toBe('committed');
    expect(fleet.show().next).toBe('No further steps.');
  });
});

describe('A bundle that a device has to get of a rollout that is over', () => {
  test('is needed, and not when the device has it', async () => {
    const fleet = await RolloutFleet.open(['d1', 'd4']);
    const digest = await fleet.push('2.0.0');
    fleet.behaviours.set('d4', 'silent');
    await fleet.create({ unreachable: { afterMinutes: 1, rule: 'skip' }, lateJoiners: 'leave' });
    await fleet.turn(2);
    await fleet.offline('d4');
    await fleet.minutes(3);
    expect(fleet.show().state).toBe('finished');
    expect(fleet.rollouts.using(digest)).toEqual(['to-2']);
    expect(fleet.rollouts.using(oldDigest)).toEqual([]);
    await expect(fleet.fleet.controller.models.deleteModel(admin, digest)).rejects.toMatchObject({
      code: 'model-in-rollout',
    });
    fleet.behaviours.delete('d4');
    await fleet.online('d4');
    await fleet.minutes(1);
    expect(fleet.rollouts.using(digest)).toEqual([]);
    await fleet.fleet.stop();
  });

  test('is needed by who goes back to it', async () => {
    const fleet = await RolloutFleet.open(['d1', 'd4']);
    await fleet.push('2.0.0');
    await fleet.create({});
    await fleet.turn(3);
    await fleet.offline('d4');
    await fleet.rollouts.act(admin, 'to-2', { action: 'rollback' });
    await fleet.minutes(1);
    expect(fleet.show().state).toBe('rolled-back');
    expect(fleet.rollouts.using(oldDigest)).toEqual(['to-2']);
    await fleet.online('d4');
    await fleet.minutes(1);
    expect(fleet.rollouts.using(oldDigest)).toEqual([]);
    await fleet.fleet.stop();
  });
});
