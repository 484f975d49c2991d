import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dividedCameras } from '../../../../../src/controller/desired/camera-shares.ts';
import { servedSince } from '../../../../../src/controller/rollouts/experiment/served-since.ts';
import { type Birth, metricNames } from '../../../../../src/protocol/index.ts';
import { settle } from '../../../../fakes/fake-clock.ts';
import { birth, digest, loaded, slot } from '../../../../fakes/test-fleet.ts';
import { RolloutFleet } from '../rollout-fleet.ts';

const blockMs = 300_000;
const dayBlocks = 288;
const devices = ['d1', 'd2'];
const cameras = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'];
const share = { of: 'street', toPercent: 50 };
const divided = (id: string) =>
  dividedCameras(
    { slots: { next: { model: { name: 'street', version: '2', digest }, share } } },
    { id, birth: { cameras } },
  ).get('next')!;

let rollouts: RolloutFleet;
let ordered = '';
let noise = 7;
/** About one: streets are never the same. */
const stir = () => {
  noise = (noise * 16_807) % 2_147_483_647;
  return 0.9 + (0.2 * noise) / 2_147_483_647;
};

/**
 * A week with one model, then the new one on its cameras, which finds `found` of what there is: for two hours, or for days. Of
 * those the first and the last two are told; `late`: of a camera that came to it yesterday it is that day.
 */
async function counted(found: number, servedBlocks = 24, late?: string): Promise<void> {
  const nowMs = rollouts.fleet.clock.wallMs();
  for (const id of devices) {
    const own = divided(id);
    const catalogue: Birth['catalogue'] = cameras.flatMap((camera, at) => {
      const of = (alias: number, name: string, labels: object) => [
        {
          alias: at * 10 + alias,
          name,
          unit: '1' as const,
          kind: 'counter' as const,
          labels: { camera, ...labels },
        },
      ];
      return [
        ...of(1, metricNames.processed, { model: 'street', version: '1' }),
        ...of(2, metricNames.detections, { model: 'street', version: '1' }),
        ...of(3, metricNames.processed, { model: 'street', version: '2', slot: 'next' }),
        ...of(4, metricNames.detections, { model: 'street', version: '2', slot: 'next' }),
      ];
    });
    await rollouts.fleet.birth(id, { ...birth, catalogue, cameras, groups: ['west'] });
    const historyBlocks = servedBlocks === 24 ? 3 * dayBlocks - 24 : 7 * dayBlocks;
    const blocks = historyBlocks + servedBlocks;
    for (const [at, camera] of cameras.entries()) {
      const totals = [0, 0, 0, 0];
      const begin = camera === late ? blocks - dayBlocks : historyBlocks;
      const told = (block: number) =>
        block < historyBlocks + dayBlocks || block % dayBlocks === 0 || block > blocks - 2 * dayBlocks;
      const samples = Array.from({ length: blocks }, (_, block) => {
        if (!told(block)) return [];
        const timeMs = nowMs - (blocks - block) * blockMs;
        const after = own.includes(camera) && block >= begin;
        const [frames, seen] = after ? [2, 3] : [0, 1];
        totals[frames]! += 3000;
        totals[seen]! += Math.round(6000 * stir() * (after ? found : 1));
        return [frames, seen].map(
          (one) => [timeMs, at * 10 + one + 1, totals[one]!] as [number, number, number],
        );
      }).flat();
      const sequence = at;
      await rollouts.fleet.metrics(id, { session: 1, sequence, entry: at + 1, historical: true, samples });
    }
    const served = own;
    const main = slot({
      loaded: { ...loaded, version: '1' },
      cameras: cameras.filter((one) => !own.includes(one)),
    });
    const next = slot({ loaded: { ...loaded, version: '2', digest: ordered }, cameras: served });
    await rollouts.fleet.reported(id, { generation: 1, slots: { main, next } });
    // What came is committed in batches.
    await rollouts.fleet.clock.pass(1_000);
    await settle();
  }
}

describe('Two versions that divide the cameras of devices', () => {
  beforeEach(async () => {
    rollouts = await RolloutFleet.open([]);
    for (const id of devices) await rollouts.fleet.birth(id, { groups: ['west'], cameras });
    await rollouts.push('2.0.0');
    const experiment = { by: 'camera', percent: 50 } as const;
    const made = await rollouts.create({ experiment, model: { name: 'street' } }, { name: share.of });
    ordered = made.model.digest;
    await rollouts.fleet.clock.pass(2_000);
    await settle();
    await settle();
  });
  afterEach(() => rollouts.fleet.stop());

  test.each([
    [1, 'pass'],
    [0.7, 'fail'],
  ])(
    'are compared camera by camera: the second one finds %f of what there is, %s',
    async (found, outcome) => {
      await counted(found);
      const report = await rollouts.fleet.controller.experiments.report('street');
      const b = devices.flatMap(divided).length;
      expect(report).toMatchObject({ slot: 'next', a: 12 - b, b });
      expect(b).toBeGreaterThan(2);
      const detections = report.comparison?.metrics.find(({ metric }) => metric === 'detections');
      expect(detections).toMatchObject({ outcome, treated: { subjects: b }, control: { subjects: 12 - b } });
      const [low = 0, high = 0] = detections?.interval ?? [];
      expect(low).toBeLessThan(1 - found + 0.001);
      expect(high).toBeGreaterThan(1 - found - 0.001);
      expect(report.units.find(({ arm }) => arm === 'B')?.model).toBe('street 2');
    },
  );

  test.each([
    ['a harm after 20 days', 0.7, 20, 'fail', /lower/],
    ['one that is as good after 20 days', 1, 20, 'pass', /ruled out/],
  ])('are compared with what was before the second one: %s', async (_, found, days, outcome, says) => {
    await counted(found, days * dayBlocks);
    const { comparison } = await rollouts.fleet.controller.experiments.report('street');
    const detections = comparison?.metrics.find(({ metric }) => metric === 'detections');
    expect(detections).toMatchObject({ outcome, says: expect.stringMatching(says) });
  });

  test('are no more compared, and it says why, when what was before is kept no more', async () => {
    const { store, clock } = rollouts.fleet;
    await counted(0.7, 40 * dayBlocks);
    const whole = store.metrics.bind(store);
    const keptMs = clock.wallMs() - 30 * dayBlocks * blockMs;
    store.metrics = (request) => {
      const { fromMs, stepMs } = request;
      return whole({ ...request, stepMs: fromMs < keptMs ? Math.max(stepMs, 3_600_000) : stepMs });
    };
    const { comparison } = await rollouts.fleet.controller.experiments.report('street');
    const detections = comparison?.metrics.find(({ metric }) => metric === 'detections');
    expect(detections).toMatchObject({
      outcome: 'no-data',
      says: expect.stringContaining('not kept any more'),
    });
  });

  test('are compared from when each camera came to the second one', async () => {
    const late = divided('d1')[0]!;
    await counted(1, 10 * dayBlocks, late);
    const device = { id: 'd1', reported: undefined };
    const about = { cameras: divided('d1'), nowMs: rollouts.fleet.clock.wallMs() };
    const found = await servedSince(rollouts.fleet.store, device, 'next', about);
    const days = found.map(({ cameras, changedMs }) => [
      cameras,
      Math.round((about.nowMs - changedMs) / dayBlocks / blockMs),
    ]);
    expect(days).toEqual([
      [divided('d1').filter((camera) => camera !== late), 10],
      [[late], 1],
    ]);
  });
});
