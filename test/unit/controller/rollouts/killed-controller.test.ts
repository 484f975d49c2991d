import { describe, expect, test } from 'vitest';
import { GoshawkError } from '../../../../src/base/index.ts';
import type { Commit, CommitResult } from '../../../../src/controller/index.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';
import { digest as oldDigest } from '../../../fakes/test-fleet.ts';
import { RolloutFleet } from './rollout-fleet.ts';

/** A disk whose controller is killed right after the `nth` commit that is about a rollout. */
class KillingStore extends FakeStore {
  /** Commits about rollouts so far. */
  count = 0;
  killAt = Number.POSITIVE_INFINITY;

  override async commit(commit: Commit): Promise<CommitResult> {
    const result = await super.commit(commit);
    const about = commit.changes?.some(({ kind }) => kind.startsWith('rollout')) === true;
    if (about) this.count += 1;
    // Nothing of this life reaches the disk any more, nor is it told that this one did.
    if (about && this.count === this.killAt) {
      this.fail = new GoshawkError('killed', 'The controller is dead.', '');
      throw this.fail;
    }
    return result;
  }
}

const ids = ['d1', 'd2', 'd3', 'd4'];
const scenarios = {
  good: { state: 'finished', bad: undefined },
  bad: { state: 'rolled-back', bad: 'd3' },
} as const;

async function run(scenario: keyof typeof scenarios, killAt: number) {
  const store = new KillingStore();
  const fleet = await RolloutFleet.open(ids, store);
  const digest = await fleet.push('2.0.0');
  const { bad, state } = scenarios[scenario];
  if (bad !== undefined) fleet.behaviours.set(bad, 'goes-back');
  store.killAt = killAt;
  const policy = { waves: [{ devices: ['d1'], soakMinutes: 1 }, { devices: ['d2', 'd3'] }] };
  const create = () => fleet.create(policy).then(undefined, () => undefined);
  await create();
  for (let turn = 0; turn < 45; turn++) {
    if (store.fail !== undefined) {
      store.fail = undefined;
      await fleet.fleet.restart();
      // Who made it sees no answer, and looks whether it is there.
      if (fleet.rollouts.list().total === 0) await create();
    }
    await fleet.turn(1);
  }
  return { fleet, digest, store, state };
}

describe.each(['good', 'bad'] as const)('A rollout that ends %s', (scenario) => {
  test('ends so whenever the controller is killed, and orders no device twice', {
    timeout: 180_000,
  }, async () => {
    const { store: undisturbed, fleet: first } = await run(scenario, Number.POSITIVE_INFINITY);
    await first.fleet.stop();
    expect(undisturbed.count).toBeGreaterThan(8);
    for (let killAt = 1; killAt <= undisturbed.count; killAt++) {
      const { fleet, digest, store, state } = await run(scenario, killAt);
      const shown = fleet.show();
      expect([killAt, shown.state]).toEqual([killAt, state]);
      const wanted = state === 'finished' ? digest : oldDigest;
      for (const id of ids) expect([killAt, id, fleet.running.get(id)?.digest]).toEqual([killAt, id, wanted]);
      for (const id of ids) {
        const deployed = store.auditRows.filter(
          ({ action, target, result }) => action === 'rollout.deploy' && target === id && result === 'ok',
        );
        expect([killAt, id, deployed.length <= 1]).toEqual([killAt, id, true]);
      }
      await fleet.fleet.stop();
    }
  });
});
