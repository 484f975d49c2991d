import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DesiredSettings, SlotOrder } from '../../../../src/api/index.ts';
import {
  dividedCameras,
  releasedSlots,
  withShares,
} from '../../../../src/controller/desired/camera-shares.ts';
import type { DeploymentReport, Reported, ReportedSlot } from '../../../../src/protocol/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { admin, digest, loaded, otherDigest, slot } from '../../../fakes/test-fleet.ts';
import { RolloutFleet } from '../rollouts/rollout-fleet.ts';

const cameras = Array.from({ length: 8 }, (_, at) => `cam${at}`);
const model = { name: 'street', version: '2', digest };
const half: DesiredSettings = { slots: { next: { model, share: { of: 'street', toPercent: 50 } } } };
const device = (change: object = {}) => ({ id: 'd1', birth: { cameras }, ...change });
const runs = { reported: { slots: { next: slot() } } };
const main = (digest: string, state: DeploymentReport['state']) =>
  slot({ loaded: { ...loaded, digest }, cameras: [], deployment: { state } });

describe('A share of the cameras of a device', () => {
  test('gets its cameras beside main, then alone when its model runs, and gives them back when it runs no more', () => {
    const own = dividedCameras(half, device()).get('next')!;
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThan(cameras.length);
    expect(withShares(half, device())).toEqual({ slots: { next: { model, cameras: own } } });
    const nodes = [{ name: 'detect', slot: 'next' }];
    const pipelines = Object.fromEntries(own.map((camera) => [camera, { nodes }]));
    expect(withShares(half, device(runs))).toEqual({ slots: { next: { model, cameras: own } }, pipelines });
    expect(withShares(half, device({ reported: { slots: {} } })).pipelines).toBeUndefined();
  });

  test.each<[string, Partial<Reported['slots'] & object> | undefined, boolean]>([
    ['nothing was said yet', undefined, true],
    ['main runs another one', { main: main(otherDigest, 'committed') }, true],
    ['main was refused', { main: main(otherDigest, 'failed') }, true],
    ['main is watched', { main: main(digest, 'probation') }, true],
    ['main runs it', { main: main(digest, 'committed') }, false],
    ['main ran it already', { main: main(digest, 'idle') }, false],
  ])('that was promoted: %s', (_, slots, stays) => {
    const share = { of: 'street', toPercent: 50, promoted: true as const };
    const resolved = withShares(
      { slots: { next: { model, share } } },
      device(slots && { reported: { slots } }),
    );
    expect(resolved.slots?.next !== undefined).toBe(stays);
    expect(JSON.stringify(resolved)).not.toContain('promoted');
  });

  test.each<[string, ReportedSlot]>([
    ['main runs it', main(digest, 'committed')],
    ['main gets another one', main(digest, 'downloading')],
    ['main runs another one', main(otherDigest, 'committed')],
  ])('that was promoted and is gone from the device does not come back there: %s', (_, reported) => {
    const share = { of: 'street', toPercent: 50, promoted: true as const };
    const settings = { slots: { next: { model, share } } };
    const told = { reported: { slots: { main: reported } }, desired: { released: { next: digest } } };
    expect(withShares(settings, device(told))).toEqual({});
    // What was let go was of another version, or nothing was: only `main` itself says that it has this one.
    const stays = reported.loaded?.digest !== digest || reported.deployment.state !== 'committed';
    for (const desired of [{ released: { next: otherDigest } }, {}]) {
      const { slots } = withShares(settings, device({ ...told, desired }));
      expect(slots?.next !== undefined).toBe(stays);
    }
    expect(releasedSlots(settings, device(told))).toEqual({ next: digest });
    expect(releasedSlots(settings, device({ ...told, desired: {} }))).toEqual(stays ? {} : { next: digest });
  });

  test('that was not promoted is not let go', () => {
    const kept = device({ desired: { released: { next: digest } } });
    expect(releasedSlots(half, kept)).toEqual({});
    expect(withShares(half, kept).slots).toBeDefined();
  });

  test('leaves what else the fleet says of a camera, and cameras that have a graph', () => {
    const own = dividedCameras(half, device()).get('next')!;
    const [first = '', second = ''] = own;
    const graph = { nodes: [{ name: 'detect' }] };
    const pipelines = { [first]: { scoreThreshold: 0.4 }, [second]: graph };
    const resolved = withShares({ ...half, pipelines }, device(runs));
    expect(resolved.pipelines?.[first]).toEqual({
      scoreThreshold: 0.4,
      nodes: [{ name: 'detect', slot: 'next' }],
    });
    expect(resolved.pipelines?.[second]).toEqual(graph);
    expect(resolved.slots?.next?.cameras).not.toContain(second);
    expect(withShares({ ...half, pipelines: { '*': graph } }, device(runs)).slots).toBeUndefined();
  });

  test('is no slot on a device that has none of its cameras, or whose cameras nobody knows yet', () => {
    expect(withShares(half, device({ birth: undefined }))).toEqual({});
    const none: DesiredSettings = { slots: { next: { model, share: { of: 'street', toPercent: 0.001 } } } };
    expect(withShares(none, device())).toEqual({});
  });

  test('is the same for ever, whatever other cameras there are, and shares side by side have every camera once', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/), { maxLength: 20 });
    fc.assert(
      fc.property(names, fc.double({ min: 1, max: 99, noNaN: true }), (some, cut) => {
        const slots = {
          a: { model, share: { of: 'x', toPercent: cut } },
          b: { model, share: { of: 'x', fromPercent: cut, toPercent: 100 } },
        };
        const divided = dividedCameras({ slots }, device({ birth: { cameras: some } }));
        expect([...divided.values()].flat().sort()).toEqual([...some].sort());
        for (const [slot, own] of divided)
          for (const camera of own)
            expect(dividedCameras({ slots }, device({ birth: { cameras: [camera] } })).get(slot)).toEqual([
              camera,
            ]);
      }),
    );
  });
});

describe('A fleet that divides cameras', () => {
  let rollouts: RolloutFleet;
  beforeEach(async () => {
    rollouts = await RolloutFleet.open([]);
    await rollouts.fleet.birth('d1', { groups: ['west'], cameras });
    await rollouts.push('2.0.0');
  });
  afterEach(() => rollouts.fleet.stop());

  const set = (given: Partial<SlotOrder>) =>
    rollouts.fleet.controller.slots.set(admin, { group: 'west' }, 'next', { name: 'street', ...given });
  const reported = async (digest: string | undefined, state: 'committed' | 'failed') => {
    const { loaded: _, ...none } = slot({ deployment: { state }, cameras: [] });
    const next = digest === undefined ? none : { ...none, loaded: { ...loaded, digest } };
    const { generation = 0 } = rollouts.desired('d1') ?? {};
    await rollouts.fleet.reported('d1', { generation, slots: { next } });
    await settle();
  };

  test('orders the slot, hands cameras over when its model runs and back when it is lost, and divides cameras that come', async () => {
    await set({ share: { of: 'street', toPercent: 50 } });
    const own = rollouts.desired('d1')?.slots?.next?.cameras ?? [];
    expect(own.length).toBeGreaterThan(0);
    expect(rollouts.desired('d1')).not.toHaveProperty('pipelines');
    await reported(otherDigest, 'committed');
    expect(Object.keys(rollouts.desired('d1')?.pipelines ?? {}).sort()).toEqual([...own].sort());
    await reported(undefined, 'failed');
    expect(rollouts.desired('d1')).not.toHaveProperty('pipelines');
    await rollouts.fleet.birth('d1', { groups: ['west'], cameras: own.slice(0, 1), session: 2 });
    await settle();
    expect(rollouts.desired('d1')?.slots?.next?.cameras).toEqual(own.slice(0, 1));
  });

  test.each([
    [{ role: 'shadow' as const, share: { of: 'x', toPercent: 50 } }],
    [{ cameras: ['cam1'], share: { of: 'x', toPercent: 50 } }],
    [{ share: { of: 'x', fromPercent: 60, toPercent: 50 } }],
  ])('refuses a share that means nothing: %j', async (given) => {
    await expect(set(given)).rejects.toMatchObject({ code: 'slot-share' });
  });
});
