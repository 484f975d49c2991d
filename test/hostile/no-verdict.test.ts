import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RolloutPolicy } from '../../src/api/index.ts';
import { admin, digest as oldDigest } from '../fakes/test-fleet.ts';
import { CountingCameras } from '../unit/controller/rollouts/counting-cameras.ts';
import { RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';

const gate = { metrics: [{ metric: 'detections' as const }] };

/** 40 minutes of history, and a version that finds nothing: too little for any verdict. */
describe('A rollout in a young fleet', () => {
  let fleet: RolloutFleet;
  let cameras: CountingCameras;
  let bad: string;
  beforeEach(async () => {
    fleet = await RolloutFleet.open(['d1', 'd2']);
    cameras = new CountingCameras(fleet, ['d1', 'd2']);
    await cameras.begin(40 / 1440);
    bad = await fleet.push('2.0.0');
    cameras.sights.set(bad, 'nothing');
  });
  afterEach(() => fleet.fleet.stop());

  async function rollOut(more: Partial<RolloutPolicy> = {}) {
    await fleet.create({ waves: [{ devices: ['d1'], soakMinutes: 30 }, { percent: 100 }], gate, ...more });
    await fleet.turn(3);
    for (let at = 0; at < 12 && ['running', 'soaking'].includes(fleet.show().state); at++)
      await cameras.block();
    await fleet.turn(3);
  }
  const health = () => fleet.fleet.controller.devices.detail('d1').summary.health;
  const told = async (kind: string) => (await fleet.fleet.store.events({ kind, limit: 5 })).events[0];

  test('that pauses without a verdict says loudly who keeps the version', async () => {
    await rollOut();
    expect(fleet.show()).toMatchObject({ state: 'paused', pause: { kind: 'inconclusive' } });
    expect(fleet.running.get('d1')?.digest).toBe(bad);
    expect(health()).toMatchObject({ state: 'degraded', problems: [{ kind: 'unproven' }] });
    const event = await told('rollout.paused');
    expect(event).toMatchObject({ severity: 'error' });
    expect(event?.message).toContain('It did not roll back: d1 keeps street 2.0.0.');
    // The health is known again after a restart, and is well when it is decided.
    await fleet.fleet.restart();
    expect(health().problems.map(({ kind }) => kind)).toContain('unproven');
    await fleet.rollouts.act(admin, 'to-2', { action: 'rollback' });
    await fleet.turn(4);
    expect(health().problems.map(({ kind }) => kind)).not.toContain('unproven');
  });

  test('goes back by itself where the policy says so', async () => {
    await rollOut({ onUnclear: 'rollback' });
    expect(fleet.show()).toMatchObject({ state: 'rolled-back' });
    expect(fleet.show().reason).toContain('The gate cannot say');
    expect(fleet.running.get('d1')?.digest).toBe(oldDigest);
  });

  test('does not take a device for good that kept the version without evidence', async () => {
    const { order = '' } = await fleet.fleet.controller.rollouts
      .create(admin, {
        name: 'to-2',
        policy: {
          model: { name: 'street' },
          target: { all: true },
          waves: [{ devices: ['d1'] }, { percent: 100 }],
        },
      })
      .then(async () => {
        fleet.behaviours.set('d1', 'silent');
        await fleet.turn(2);
        return fleet.desired('d1')!.slots!.main!.model!;
      });
    fleet.running.set('d1', { digest: bad, version: '2.0.0' });
    await fleet.report('d1', {
      ...{ state: 'committed', outcome: 'unproven', digest: bad, order },
      reason: 'Kept without evidence: 0 frames in 300 s, 20 are needed.',
    });
    await fleet.turn(2);
    expect(fleet.show()).toMatchObject({ state: 'paused', wave: 0, pause: { kind: 'no-data' } });
    expect(fleet.show().pause?.what).toContain('too few frames');
    expect(health().problems.map(({ kind }) => kind)).toContain('unproven');
  });
});
