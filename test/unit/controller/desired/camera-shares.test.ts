import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DesiredSettings } from '../../../../src/api/index.ts';
import { dividedCameras, withShares } from '../../../../src/controller/desired/camera-shares.ts';
import { digest, slot } from '../../../fakes/test-fleet.ts';

const cameras = Array.from({ length: 8 }, (_, at) => `cam${at}`);
const model = { name: 'street', version: '2', digest };
const half: DesiredSettings = { slots: { next: { model, share: { of: 'street', toPercent: 50 } } } };
const device = (change: object = {}) => ({ id: 'd1', birth: { cameras }, ...change });
const runs = { reported: { slots: { next: slot() } } };

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

  test('is the same for ever, whatever other cameras there are, and of two shares the first has a camera', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/), { maxLength: 20 });
    fc.assert(
      fc.property(names, fc.double({ min: 1, max: 99, noNaN: true }), (some, cut) => {
        const slots = {
          a: { model, share: { of: 'x', toPercent: cut } },
          b: { model, share: { of: 'x', toPercent: 100 } },
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
