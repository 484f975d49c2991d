import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RolloutAction, RolloutPolicy } from '../../../../src/api/index.ts';
import { admin } from '../../../fakes/test-fleet.ts';
import { type Behaviour, bob, RolloutFleet } from './rollout-fleet.ts';

const ids = ['d1', 'd2', 'd3', 'd4', 'd5'];
const id = fc.constantFrom(...ids);
const behaviours: Behaviour[] = ['good', 'fails', 'refuses', 'goes-back', 'silent', 'unsafe', 'probation'];

/** What may happen to a fleet while a rollout goes on. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('behave' as const), id, as: fc.constantFrom(...behaviours) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('offline' as const, 'online' as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('minutes' as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('act' as const),
      action: fc.constantFrom<RolloutAction['action']>('pause', 'resume', 'promote', 'abort', 'rollback'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('freeze' as const, 'unfreeze' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('by-hand' as const), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('hold' as const, 'pin' as const), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const policies = fc.record<Partial<RolloutPolicy>>(
  {
    waves: fc.constantFrom<NonNullable<RolloutPolicy['waves']>>(
      [{ devices: ['d1'], soakMinutes: 1 }, { percent: 60 }],
      [{ count: 2 }, { count: 1 }, { count: 1 }],
    ),
    onFail: fc.constantFrom('pause' as const, 'rollback' as const),
    success: fc.constantFrom({ abortPercent: 0 }, { abortPercent: 40, minimum: 2 }),
    maxParallel: fc.integer({ min: 1, max: 3 }),
    lateJoiners: fc.constantFrom('join' as const, 'leave' as const),
    unreachable: fc.constantFrom(
      { afterMinutes: 1, rule: 'skip' as const },
      { afterMinutes: 1, rule: 'wait' as const },
    ),
  },
  { requiredKeys: ['waves'] },
);

async function happen(fleet: RolloutFleet, one: Happening): Promise<void> {
  const { controller } = fleet.fleet;
  const street = { name: 'street', version: '1.5.0' };
  switch (one.kind) {
    case 'turns':
      return fleet.turn(one.count);
    case 'minutes':
      return fleet.minutes(one.count);
    case 'behave':
      fleet.behaviours.set(one.id, one.as);
      return;
    case 'offline':
      return fleet.offline(one.id);
    case 'online':
      return fleet.online(one.id);
    case 'act':
      // One that means nothing now is refused, and changes nothing.
      await fleet.rollouts.act(bob, 'to-2', { action: one.action }).catch(() => undefined);
      return;
    case 'freeze':
      await fleet.rollouts.freeze(bob, 'storm');
      return;
    case 'unfreeze':
      await fleet.rollouts.unfreeze(bob);
      return;
    case 'by-hand':
      await controller.slots.set(admin, { device: one.id }, 'main', street);
      return;
    case 'pin':
      await controller.slots.set(admin, { device: one.id }, 'main', {
        ...{ ...street, policy: { follows: 'digest', pinned: true } as const },
      });
      return;
    case 'hold':
      await controller.labels.hold(admin, one.id, 'a film');
      return;
    case 'restart':
      return fleet.fleet.restart();
  }
}

/** What has to be so at every moment, whatever happened. */
function expectRules(fleet: RolloutFleet, digest: string, by: ReadonlySet<string>): void {
  const shown = fleet.show();
  const records = new Map(shown.devices.map((one) => [one.device, one]));
  for (const device of ids) {
    const record = records.get(device);
    const model = fleet.desired(device)?.slots?.main?.model;
    // Every version that a device is told has somebody who told it.
    if (model?.digest === digest) expect([device, model.order]).toEqual([device, record?.order]);
    if (by.has(device) && model !== undefined && record?.state === 'left-out')
      expect(model.digest).not.toBe(digest);
    // Nobody comes before his wave.
    if (record?.order !== undefined) expect(record.wave).toBeLessThanOrEqual(shown.wave);
  }
  // A wave begins only when the one before was passed, by its gate or by a person.
  for (const [at, wave] of shown.waves.entries())
    if (at > 0 && wave.startedMs !== undefined) expect(shown.waves[at - 1]?.passedMs).toBeDefined();
}

const stories = Number(process.env.RULES_RUNS ?? 5);

describe('Whatever happens to a fleet', () => {
  test('no device has a version that nobody ordered, and none is ordered before its wave', {
    timeout: 180_000 + stories * 2_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        policies,
        fc.array(happening, { minLength: 4, maxLength: 18 }),
        async (policy, story) => {
          const fleet = await RolloutFleet.open(ids);
          await fleet.push('1.5.0');
          const digest = await fleet.push('2.0.0');
          await fleet.create({ ...policy, model: { name: 'street', version: '2.0.0' } });
          const by = new Set<string>();
          for (const one of story) {
            await happen(fleet, one);
            if (one.kind === 'by-hand' || one.kind === 'pin') by.add(one.id);
            expectRules(fleet, digest, by);
          }
          // In the end everybody is there, behaves, and all that was ordered comes about.
          await fleet.rollouts.unfreeze(bob);
          for (const device of ids) {
            fleet.behaviours.set(device, 'good');
            await fleet.online(device);
          }
          await fleet.turn(8);
          await fleet.minutes(2);
          expectRules(fleet, digest, by);
          const { state, devices, notes } = fleet.show();
          for (const { device, state: own } of devices) {
            const runs = fleet.running.get(device)?.digest;
            // What somebody orders after the end is no business of a rollout that is over.
            if (own === 'committed' && !by.has(device)) expect([device, runs]).toEqual([device, digest]);
            if (own === 'reverted') expect([device, runs]).not.toEqual([device, digest]);
          }
          // A device that says that it can't go back is not waited for, and the rollout names it, also when it said so later.
          const stuck = devices.filter((one) => one.state === 'reverting' && one.by === 'stuck');
          const told = notes.map(({ what }) => what.split('could not roll back: ')[1] ?? '').join(' ');
          if (state === 'rolled-back' || state === 'aborted')
            for (const { device } of stuck) expect(told).toContain(device);
          if (state === 'rolled-back')
            expect(
              devices.filter(
                ({ state: own, by: whom }) =>
                  whom !== 'stuck' &&
                  !['reverted', 'left-out', 'waiting', 'deferred', 'unreachable'].includes(own),
              ),
            ).toEqual([]);
          await fleet.fleet.stop();
        },
      ),
      { numRuns: stories },
    );
  });
});
