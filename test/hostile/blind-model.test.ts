import { describe, expect, test } from 'vitest';
import type { GateMetricName, RolloutDetail } from '../../src/api/index.ts';
import { digest as oldDigest } from '../fakes/test-fleet.ts';
import { CountingCameras, type Sight } from '../unit/controller/rollouts/counting-cameras.ts';
import { RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';

const ids = ['d1', 'd2', 'd3'];

/** A version comes to d1 of three devices with two days of history, with a gate on one metric; until it is decided. */
async function rollOut(
  metric: GateMetricName,
  sight: Sight,
  trouble: 'none' | 'dark' | 'away' = 'none',
): Promise<{ shown: RolloutDetail; runs: readonly (string | undefined)[] }> {
  const fleet = await RolloutFleet.open(ids);
  const cameras = new CountingCameras(fleet, ids);
  await cameras.begin(2);
  cameras.sights.set(await fleet.push('2.0.0'), sight);
  await fleet.create({
    waves: [{ devices: ['d1'], soakMinutes: 30 }, { percent: 100 }],
    lateJoiners: 'leave',
    gate: { metrics: [{ metric }] },
  });
  await fleet.turn(3);
  if (trouble !== 'none') cameras[trouble].add('d1');
  for (let at = 0; at < 10 && ['running', 'soaking'].includes(fleet.show().state); at++)
    await cameras.block();
  await fleet.turn(5);
  await fleet.fleet.stop();
  return { shown: fleet.show(), runs: ids.map((id) => fleet.running.get(id)?.digest) };
}

describe('A gate and a version that is blind', () => {
  const rows: readonly [metric: GateMetricName, sight: Sight][] = [
    ['detections', 'nothing'],
    ['class-mix', 'nothing'],
    ['class-mix', 'no-person'],
    ['detections', 'no-frame'],
    ['class-mix', 'no-frame'],
    ['frame-rate', 'no-frame'],
  ];
  test.each(rows)('on %s: what sees %s is taken back from its canary', async (metric, sight) => {
    const { shown, runs } = await rollOut(metric, sight);
    expect(shown.reason).toContain('The gate failed');
    expect(shown).toMatchObject({ state: 'rolled-back', wave: 0 });
    expect(runs).toEqual([oldDigest, oldDigest, oldDigest]);
  });

  const others: readonly [metric: GateMetricName, trouble: 'dark' | 'away'][] = [
    ['detections', 'dark'],
    ['frame-rate', 'dark'],
    ['detections', 'away'],
  ];
  test.each(others)('on %s: a camera that is %s says nothing of the version', async (metric, trouble) => {
    const { shown } = await rollOut(metric, 'sees', trouble);
    expect(shown.waves[0]?.gate?.outcome).toBe('no-data');
    expect(shown.reason ?? '').not.toContain('The gate failed');
  });
});
