import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { admin, digest as oldDigest } from '../../../fakes/test-fleet.ts';
import { bob, RolloutFleet } from './rollout-fleet.ts';

/** It is 14:13 of UTC: open until 14:20. */
const windows = [
  { what: 'switch' as const, cron: '10 14 * * *', timeZone: 'UTC', minutes: 10 },
  { what: 'switch' as const, cron: '30 14 * * *', timeZone: 'UTC', minutes: 30 },
];
const unreachable = { afterMinutes: 1, rule: 'skip' } as const;

describe('A device that has an order and has not switched yet', () => {
  let fleet: RolloutFleet;
  let digest: string;
  beforeEach(async () => {
    fleet = await RolloutFleet.open(['d1', 'd2', 'd3', 'd4']);
    digest = await fleet.push('2.0.0');
    fleet.behaviours.set('d4', 'silent');
  });
  afterEach(() => fleet.fleet.stop());

  const told = () => fleet.desired('d4')?.slots?.main?.model;
  const newer = async (devices: string[], waves = [{ percent: 100 }]) => {
    await fleet.push('3.0.0');
    const policy = { model: { name: 'street', version: '3.0.0' }, waves, supersede: true };
    await fleet.create({ ...policy, target: { devices } }, { name: 'to-3' });
  };
  const isBack = async () => {
    fleet.behaviours.delete('d4');
    await fleet.turn(2);
    await fleet.minutes(1);
    expect(told()).toMatchObject({ digest: oldDigest });
    expect(told()).not.toHaveProperty('hold');
    expect(fleet.stateOf('d4')).toBe('reverted');
    expect(fleet.running.get('d4')?.digest).toBe(oldDigest);
  };

  test('waits for no rollout that a newer one took the place of: in a pause', async () => {
    await fleet.create({});
    await fleet.turn(2);
    await fleet.rollouts.act(bob, 'to-2', { action: 'pause' });
    await fleet.turn(1);
    expect(told()).toMatchObject({ digest, hold: true });
    await newer(['d1', 'd2', 'd3']);
    expect(fleet.show().next).toContain('1 device');
    await fleet.turn(2);
    await isBack();
    expect(fleet.show()).toMatchObject({ state: 'superseded', next: 'No further steps.' });
  });

  test('waits for no rollout that a newer one took the place of: at work', async () => {
    await fleet.create({});
    await fleet.turn(2);
    expect(told()).toMatchObject({ digest });
    await newer(['d1', 'd2', 'd3']);
    await fleet.turn(2);
    await isBack();
  });

  test('keeps what it runs already, although it does not say of which order', async () => {
    await fleet.create({});
    await fleet.turn(2);
    await newer(['d1', 'd2', 'd3']);
    const order = told()?.order;
    fleet.running.set('d4', { digest, version: '2.0.0' });
    await fleet.report('d4', { state: 'idle' });
    await fleet.minutes(2);
    expect(told()).toMatchObject({ digest, order });
  });

  test('is named where it had switched before it heard, and cannot go back', async () => {
    await fleet.create({});
    await fleet.turn(2);
    await newer(['d1', 'd2', 'd3']);
    await fleet.turn(2);
    expect(fleet.stateOf('d4')).toBe('reverting');
    fleet.running.set('d4', { digest, version: '2.0.0' });
    fleet.behaviours.set('d4', 'stays');
    await fleet.minutes(2);
    expect(fleet.show().devices.find(({ device }) => device === 'd4')).toMatchObject({ by: 'stuck' });
    expect(fleet.show().notes.at(-1)?.what).toContain('1 could not roll back: d4');
  });

  test('is left to the newer rollout where that has it too, and goes back when that ends without it', async () => {
    await fleet.create({});
    await fleet.turn(2);
    const order = told()?.order;
    await newer(['d1', 'd4'], [{ count: 1 }, { percent: 100 }] as never);
    fleet.behaviours.set('d1', 'silent');
    await fleet.minutes(2);
    expect(told()).toMatchObject({ digest, order });
    await fleet.rollouts.act(admin, 'to-3', { action: 'abort' });
    fleet.behaviours.delete('d1');
    await fleet.minutes(1);
    await isBack();
  });

  test('gets it where the rollout ended without it and told it to wait', async () => {
    await fleet.create({ unreachable, lateJoiners: 'leave' });
    await fleet.turn(2);
    await fleet.offline('d4');
    await fleet.turn(1);
    await fleet.rollouts.act(bob, 'to-2', { action: 'pause' });
    await fleet.turn(1);
    expect(told()).toMatchObject({ digest, hold: true });
    await fleet.rollouts.act(bob, 'to-2', { action: 'promote' });
    expect(fleet.show()).toMatchObject({ state: 'finished', next: expect.stringContaining('1 device') });
    fleet.behaviours.delete('d4');
    await fleet.online('d4');
    await fleet.minutes(1);
    expect(fleet.stateOf('d4')).toBe('committed');
    expect(fleet.show().next).toBe('No further steps.');
  });

  test.each(['soaking', 'finished', 'superseded'] as const)(
    'switches in a window only, also when it comes back to a rollout that is %s',
    async (state) => {
      const soakMinutes = state === 'soaking' ? 600 : 0;
      await fleet.create({
        ...{ unreachable, windows, lateJoiners: 'leave' },
        waves: [{ percent: 100, soakMinutes }],
      });
      await fleet.turn(2);
      expect(told()).not.toHaveProperty('hold');
      await fleet.offline('d4');
      await fleet.minutes(3);
      if (state === 'superseded') await newer(['d1', 'd2', 'd3']);
      expect(fleet.show().state).toBe(state);
      await fleet.minutes(6);
      expect(told()).toMatchObject({ digest, hold: true });
      fleet.behaviours.delete('d4');
      await fleet.online('d4');
      await fleet.minutes(2);
      expect(fleet.running.get('d4')?.digest).toBe(oldDigest);
      // The next window opens at half past.
      await fleet.minutes(8);
      expect(fleet.running.get('d4')?.digest).toBe(digest);
      expect(fleet.stateOf('d4')).toBe('committed');
    },
  );
});
