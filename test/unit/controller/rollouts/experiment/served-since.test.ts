import { expect, test } from 'vitest';
import { servedSince } from '../../../../../src/controller/rollouts/experiment/served-since.ts';
import type { Store } from '../../../../../src/controller/store/store.ts';
import { metricNames } from '../../../../../src/protocol/index.ts';
import { slot } from '../../../../fakes/test-fleet.ts';

const hour = 3_600_000;
const nowMs = 2000 * hour;

/** Series of the slot that count every hour between two times. */
function storeOf(rows: readonly { model: string; version: string; fromMs: number; toMs: number }[]) {
  const store: Pick<Store, 'metrics'> = {
    metrics: async ({ fromMs, toMs, stepMs, labels }) => ({
      tier: 'hour',
      stepMs,
      series: rows.flatMap(({ model, version, ...counted }) => {
        const timeMs: number[] = [];
        for (let at = counted.fromMs; at < counted.toMs; at += hour)
          if (at >= fromMs && at < toMs) timeMs.push(Math.floor(at / stepMs) * stepMs);
        if (timeMs.length === 0) return [];
        const about = { camera: 'front', model, version, ...labels };
        return [
          { name: metricNames.processed, kind: 'counter', unit: '1', labels: about, timeMs, count: [] },
        ];
      }),
    }),
  };
  return store;
}

test.each([
  ['another model of the same version', 'old-street', '1.0.0'],
  ['another version of the same model', 'street', '0.9.0'],
])('A camera that %s served before came to the slot when its model did', async (_, model, version) => {
  const cameMs = nowMs - 50 * hour;
  const store = storeOf([
    { model, version, fromMs: nowMs - 200 * hour, toMs: cameMs },
    { model: 'street', version: '1.0.0', fromMs: cameMs, toMs: nowMs },
  ]);
  const device = { id: 'd1', reported: { ...reported(), slots: { next: slot() } } };
  const found = await servedSince(store, device, 'next', { cameras: ['front'], nowMs });
  expect(found).toEqual([{ cameras: ['front'], changedMs: cameMs, beforeMs: cameMs }]);
});

function reported() {
  return {
    ...{ generation: 1, session: 1, timeMs: nowMs, slots: { main: slot() }, pipelines: {} },
  };
}
