import { describe, expect, test } from 'vitest';
import type { GateLookResult, RolloutPolicy } from '../../../../src/api/index.ts';
import { GoshawkError } from '../../../../src/base/index.ts';
import type { Commit, CommitResult } from '../../../../src/controller/index.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';
import { CountingCameras } from './counting-cameras.ts';
import { RolloutFleet } from './rollout-fleet.ts';

/** A disk whose controller is killed right after the commit by which a look was made. */
class KillingStore extends FakeStore {
  killAfterLook: number | undefined;

  override async commit(commit: Commit): Promise<CommitResult> {
    const result = await super.commit(commit);
    const numbers = commit.changes?.flatMap((one) =>
      one.kind === 'rollout' ? (one.rollout.waves[0]?.looks?.made.at(-1)?.number ?? []) : [],
    );
    const looked = numbers?.some((number) => number === this.killAfterLook);
    if (looked === true) {
      this.killAfterLook = undefined;
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
  gate: { metrics: [{ metric: 'detections', harm: 0.15 }] },
};
const minute = 60_000;

interface Story {
  readonly killAfterLook?: number;
  /** The controller is away for so long after it was killed. */
  readonly awayMinutes?: number;
  readonly gate?: Partial<RolloutPolicy['gate']>;
  readonly blind?: boolean;
}

/** Until the first wave is decided. */
async function run({ killAfterLook, awayMinutes = 0, gate = {}, blind = false }: Story) {
  const store = new KillingStore();
  const fleet = await RolloutFleet.open(ids, store);
  const cameras = new CountingCameras(fleet, ids);
  await cameras.begin(2);
  const digest = await fleet.push('2.0.0');
  if (blind) cameras.sights.set(digest, 'no-person');
  store.killAfterLook = killAfterLook;
  await fleet.create({ ...policy, gate: { ...policy.gate!, ...gate } });
  for (let turn = 0; turn < 24 && fleet.show().wave === 0; turn++) {
    if (store.fail !== undefined) {
      store.fail = undefined;
      if (awayMinutes > 0) await fleet.fleet.stop();
      await fleet.fleet.clock.pass(awayMinutes * minute);
      await fleet.fleet.restart();
    }
    if (['paused', 'rolled-back'].includes(fleet.show().state)) break;
    if (fleet.show().state === 'soaking') await cameras.block();
    else await fleet.turn(2);
  }
  const shown = fleet.show();
  await fleet.fleet.stop();
  const [wave] = shown.waves;
  return { shown, wave: wave!, looks: wave!.looks!, store };
}

/** When it was made, minutes after the soak began; a step comes every two seconds. */
const numbers = (made: readonly GateLookResult[]) => made.map(({ number, from }) => [from ?? number, number]);

describe('The looks at a wave', () => {
  test('are made at their times, kept with what they saw, and the last decides', async () => {
    const { shown, wave, looks } = await run({});
    expect(shown.wave).toBe(1);
    expect(numbers(looks.made)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    for (const { number, dueMs, timeMs, outcome, metrics } of looks.made) {
      expect(dueMs).toBe(wave.settledMs! + 10 * number * minute);
      expect(timeMs).toBeGreaterThanOrEqual(dueMs);
      expect(metrics?.map(({ metric }) => metric)).toEqual(['detections']);
      expect(outcome).not.toBe('fail');
    }
    expect(looks.made.at(-1)).toMatchObject({ outcome: 'pass' });
    expect(shown.notes.filter(({ what }) => what.startsWith('The gate looked'))).toHaveLength(2);
  });

  test.each([1, 2])(
    'go on with the same numbers where the controller is killed after look %i',
    async (killAfterLook) => {
      const { shown, looks, store } = await run({ killAfterLook });
      expect(store.killAfterLook).toBeUndefined();
      expect(shown.wave).toBe(1);
      expect(numbers(looks.made)).toEqual([
        [1, 1],
        [2, 2],
        [3, 3],
      ]);
    },
  );

  test('find a model that is blind although the controller was killed between two of them', async () => {
    const { shown, looks, store } = await run({ killAfterLook: 1, blind: true, gate: { leastBlocks: 1 } });
    expect(store.killAfterLook).toBeUndefined();
    expect(numbers(looks.made)).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(looks.made.map(({ outcome }) => outcome)).toEqual(['no-data', 'fail']);
    expect(shown.wave).toBe(0);
    expect(shown.notes.some(({ what }) => what.startsWith('The gate failed (look 2 of 3)'))).toBe(true);
  });

  test('wait for as long as the controller was away, and that is reported', async () => {
    const { shown, looks } = await run({ killAfterLook: 1, awayMinutes: 24 });
    expect(numbers(looks.made)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(looks.made[2]!.timeMs - looks.made[0]!.timeMs).toBeGreaterThan(43 * minute);
    expect(shown.notes.some(({ what }) => what.includes('that does not count as soak'))).toBe(true);
  });

  test('before the last end the soak with a pass where the policy lets them', async () => {
    const gate = { metrics: [{ metric: 'detections' as const, harm: 0.5 }], passEarly: true, leastBlocks: 1 };
    const { shown, wave, looks } = await run({ gate });
    expect(shown.wave).toBe(1);
    expect(looks.made.at(-1)).toMatchObject({ number: 2, outcome: 'pass' });
    expect(wave.passedMs! - wave.settledMs!).toBeLessThan(22 * minute);
  });
});
