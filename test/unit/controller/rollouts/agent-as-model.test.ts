import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RolloutPolicy } from '../../../../src/api/index.ts';
import { admin, digest as oldDigest } from '../../../fakes/test-fleet.ts';
import { CountingCameras } from './counting-cameras.ts';
import { bob, RolloutFleet } from './rollout-fleet.ts';

const ids = ['d1', 'd2', 'd3', 'd4'];

describe.each(['main', 'agent'] as const)('A rollout of the slot %s', (slot) => {
  let fleet: RolloutFleet;
  let digest: string;
  beforeEach(async () => {
    fleet = await RolloutFleet.open(ids, undefined, slot);
    digest = await (slot === 'agent' ? fleet.pushRelease('2.0.0') : fleet.push('2.0.0'));
  });
  afterEach(() => fleet.fleet.stop());

  const told = (id: string) => fleet.desired(id)?.slots?.[slot]?.model;
  const ran = () => ids.map((id) => fleet.running.get(id)?.digest);
  const [all, none] = [ids.map(() => true), ids.map(() => false)];
  const isNew = () => ran().map((one) => one === digest);

  describe('with a gate on what cameras count', () => {
    const policy: Partial<RolloutPolicy> = {
      waves: [{ devices: ['d1', 'd2'], soakMinutes: 30 }, { percent: 100 }],
      gate: { metrics: [{ metric: 'detections', harm: 0.15 }, { metric: 'frame-rate' }] },
    };
    const soak = async (sight: 'sees' | 'nothing') => {
      const cameras = new CountingCameras(fleet, ids);
      await cameras.begin(2);
      cameras.sights.set(digest, sight);
      await fleet.create(policy);
      for (let block = 0; block < 20 && fleet.show().wave === 0; block++) {
        if (!['running', 'soaking', 'rolling-back'].includes(fleet.show().state)) break;
        await cameras.block();
      }
      await fleet.turn(4);
    };

    test('passes its first wave where the new version sees as much', async () => {
      await soak('sees');
      expect(fleet.show().waves[0]?.gate).toMatchObject({ outcome: 'pass' });
      expect(fleet.show().wave).toBe(1);
      expect(isNew()).toEqual(all);
    });

    test('ends in its first wave, and goes back, where it sees nothing', async () => {
      await soak('nothing');
      expect(fleet.show()).toMatchObject({ state: 'rolled-back', wave: 0 });
      expect(fleet.show().waves[0]?.gate).toMatchObject({ outcome: 'fail' });
      expect(ran()).toEqual(ids.map(() => oldDigest));
      expect(told('d3')).toBeUndefined();
    });
  });

  test('begins with the approval of a second person only', async () => {
    await fleet.create({ approval: true });
    await fleet.turn(2);
    expect(fleet.show().state).toBe('waiting-for-approval');
    await expect(fleet.rollouts.act(admin, 'to-2', { action: 'approve' })).rejects.toMatchObject({
      code: 'approval-second-person',
    });
    expect(isNew()).toEqual(none);
    await fleet.rollouts.act(bob, 'to-2', { action: 'approve' });
    await fleet.turn(4);
    expect(fleet.show().state).toBe('finished');
    expect(isNew()).toEqual(all);
  });

  test('prepares outside of the window to switch, and switches when it opens', async () => {
    // It is 14:13 of UTC.
    const windows = [{ what: 'switch' as const, cron: '20 14 * * *', timeZone: 'UTC', minutes: 30 }];
    await fleet.create({ windows });
    await fleet.turn(3);
    expect(told('d1')).toMatchObject({ digest, hold: true });
    expect(fleet.show().devices.map(({ by }) => by)).toEqual(ids.map(() => 'window'));
    expect(isNew()).toEqual(none);
    await fleet.minutes(8);
    expect(isNew()).toEqual(all);
    expect(fleet.show().state).toBe('finished');
  });

  test('updates no more devices of a site at once than its disruption allows', async () => {
    for (const id of ids) {
      await fleet.fleet.controller.labels.setLabels(admin, id, { site: 'west' });
      fleet.behaviours.set(id, 'silent');
    }
    await fleet.create({ disruption: { by: 'site', maxUnavailable: 1 } });
    await fleet.turn(3);
    expect(fleet.show().counts).toEqual({ ordered: 1, deferred: 3 });
    expect(fleet.show().devices.flatMap(({ by }) => by ?? [])).toEqual(ids.slice(1).map(() => 'disruption'));
    // Another slot of another device of the site waits too: its order would make a second one unavailable.
    const other = slot === 'agent' ? 'main' : 'agent';
    await (other === 'agent' ? fleet.pushRelease('2.0.0') : fleet.push('2.0.0'));
    const model = { name: other === 'agent' ? 'goshawk-agent-amd64' : 'street' };
    const disruption = { by: 'site', maxUnavailable: 1 };
    const policy = { model, slot: other, target: { devices: ['d4'] }, disruption };
    await fleet.create(policy, { name: 'other' });
    await fleet.turn(2);
    expect(fleet.show('other').counts).toEqual({ deferred: 1 });
    for (const id of ids) fleet.behaviours.delete(id);
    await fleet.turn(12);
    expect(fleet.show().counts).toEqual({ committed: 4 });
  });

  test.each([
    ['join', true],
    ['leave', false],
  ] as const)(
    'after its end, with lateJoiners %s, reaches a new device: %s',
    async (lateJoiners, reaches) => {
      await fleet.create({ lateJoiners });
      await fleet.turn(4);
      expect(fleet.show().state).toBe('finished');
      await fleet.join('d9');
      // What is over is looked at twice a minute.
      await fleet.minutes(2);
      expect(fleet.running.get('d9')?.digest).toBe(reaches ? digest : oldDigest);
      expect(told('d9')?.digest).toBe(reaches ? digest : undefined);
    },
  );

  test('reaches a device that was offline when it comes back', async () => {
    await fleet.offline('d4');
    await fleet.create({ unreachable: { afterMinutes: 1, rule: 'skip' } });
    await fleet.minutes(3);
    expect(fleet.show().state).toBe('finished');
    await fleet.online('d4');
    await fleet.turn(4);
    expect(isNew()).toEqual(all);
  });

  test('waits where the robot says that it is not safe', async () => {
    fleet.behaviours.set('d1', 'unsafe');
    await fleet.create({});
    await fleet.turn(4);
    expect(fleet.show().devices[0]).toMatchObject({ device: 'd1', state: 'deferred', by: 'safety' });
    expect(isNew()).toEqual([false, true, true, true]);
    fleet.behaviours.delete('d1');
  });

  test('goes back on all devices when it is rolled back', async () => {
    await fleet.create({});
    await fleet.turn(4);
    await fleet.rollouts.act(admin, 'to-2', { action: 'rollback' });
    await fleet.turn(6);
    expect(fleet.show().state).toBe('rolled-back');
    expect(ran()).toEqual(ids.map(() => oldDigest));
  });
});
