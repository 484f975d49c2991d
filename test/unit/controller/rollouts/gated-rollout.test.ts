import { describe, expect, test } from 'vitest';
import type { RolloutAction, RolloutPolicy, RolloutState } from '../../../../src/api/index.ts';
import { GoshawkError } from '../../../../src/base/index.ts';
import type { Commit, CommitResult } from '../../../../src/controller/index.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';
import { admin, digest as oldDigest } from '../../../fakes/test-fleet.ts';
import { CountingCameras } from './counting-cameras.ts';
import { bob, RolloutFleet } from './rollout-fleet.ts';

/** A disk whose controller is killed right after the commit by which a rollout comes into a state. */
class KillingStore extends FakeStore {
  killIn: RolloutState | undefined;
  kills = 0;
  /** In which the rollout was. */
  readonly states = new Set<RolloutState>();

  override async commit(commit: Commit): Promise<CommitResult> {
    const result = await super.commit(commit);
    const entered = commit.changes?.flatMap((one) => (one.kind === 'rollout' ? one.rollout.state : [])) ?? [];
    for (const state of entered) this.states.add(state);
    if (entered.some((state) => state === this.killIn)) {
      this.killIn = undefined;
      this.kills += 1;
      this.fail = new GoshawkError('killed', 'The controller is dead.', '');
      throw this.fail;
    }
    return result;
  }
}

const ids = ['d1', 'd2', 'd3'];
const policy: Partial<RolloutPolicy> = {
  waves: [{ devices: ['d1'], soakMinutes: 30 }, { percent: 100 }],
  lateJoiners: 'leave',
  approval: true,
  gate: {
    metrics: [
      { metric: 'detections', harm: 0.15 },
      { metric: 'class-mix', harm: 0.3, classes: ['car', 'person'] },
    ],
  },
};
const person = { action: 'pause', reason: 'a look' } as const;

/** What people do when they see a state for the first time. */
type Story = Partial<Record<RolloutState, readonly [by: typeof admin, action: RolloutAction]>>;
const loses: Story = {
  draft: [admin, { action: 'start' }],
  'waiting-for-approval': [bob, { action: 'approve' }],
  soaking: [admin, person],
  paused: [admin, { action: 'resume' }],
};
const stopped: Story = {
  ...loses,
  soaking: [admin, { action: 'abort' }],
  aborted: [bob, { action: 'rollback' }],
};

/** Nothing goes on by itself, and nobody of a story does anything any more. */
function isOver(state: RolloutState): boolean {
  return state === 'rolled-back' || state === 'aborted' || state === 'finished' || state === 'paused';
}

/** The controller dies when the rollout comes into `killIn`; undefined: it lives. */
async function run(story: Story, killIn: RolloutState | undefined, blind: boolean) {
  const store = new KillingStore();
  const fleet = await RolloutFleet.open(ids, store);
  const cameras = new CountingCameras(fleet, ids);
  await cameras.begin(2);
  const digest = await fleet.push('2.0.0');
  if (blind) cameras.sights.set(digest, 'no-person');
  const done = new Set<RolloutState>();
  store.killIn = killIn;
  await fleet.create(policy, { draft: true }).catch(() => undefined);
  for (let turn = 0; turn < 40; turn++) {
    if (store.fail !== undefined) {
      store.fail = undefined;
      await fleet.fleet.restart();
    }

    const { state } = fleet.show();
    const [by, action] = done.has(state) ? [] : (story[state] ?? []);
    done.add(state);
    // Where the controller dies over it nobody hears an answer, and it is done all the same.
    if (by !== undefined && action !== undefined)
      await fleet.rollouts.act(by, 'to-2', action).catch(() => undefined);
    else if (isOver(state)) break;
    if (['soaking', 'running'].includes(fleet.show().state)) await cameras.block();
    else await fleet.turn(3);
  }
  const deployed = ids.map(
    (id) =>
      store.auditRows.filter(({ action, target }) => action === 'rollout.deploy' && target === id).length,
  );
  await fleet.fleet.stop();
  return { fleet, digest, store, deployed, shown: fleet.show() };
}

type Killed = [killIn: RolloutState | undefined, story: Story];

describe('A rollout with a gate on what three devices count', () => {
  test('goes on where the new version sees as much', async () => {
    const { shown, fleet, digest } = await run(loses, undefined, false);
    // The second wave has nobody left to compare with: a person decides.
    expect(shown.waves[0]?.gate).toMatchObject({ outcome: 'pass' });
    expect(fleet.running.get('d3')?.digest).toBe(digest);
  });

  // The others are a part of `npm test -- rollouts`.
  const few: readonly Killed[] = [
    [undefined, loses],
    ['rolling-back', loses],
    ['aborting', stopped],
  ];
  const states: readonly Killed[] = [
    ...(['draft', 'waiting-for-approval', 'running', 'soaking', 'paused', 'rolled-back'] as const).map(
      (state): Killed => [state, loses],
    ),
    ['aborted', stopped],
  ];
  test.each(process.env.GOSHAWK_LONG_TESTS === '1' ? [...few, ...states] : few)(
    'ends in the first wave and goes back where a class is gone, controller killed in %s',
    {
      timeout: 60_000,
    },
    async (killIn, story) => {
      const { shown, store, fleet, deployed } = await run(story, killIn, true);
      expect([...store.states]).toContain(killIn ?? 'soaking');
      expect(store.kills).toBe(killIn === undefined ? 0 : 1);
      expect(shown).toMatchObject({ state: 'rolled-back', wave: 0 });
      if (story === loses) {
        expect(shown.reason).toContain('The gate failed');
        expect(shown.waves[0]?.gate).toMatchObject({ outcome: 'fail' });
        expect(shown.waves[0]?.gate?.metrics.find(({ label }) => label === 'person')?.outcome).toBe('fail');
      }
      for (const id of ids) expect([id, fleet.running.get(id)?.digest]).toEqual([id, oldDigest]);
      expect(deployed).toEqual([1, 0, 0]);
    },
  );
});
