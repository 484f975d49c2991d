import { describe, expect, it } from 'vitest';
import {
  type BlockKey,
  evaluateGate,
  type GateMetric,
  type GateSubject,
} from '../../src/controller/rollouts/gates/index.ts';
import { seededRandom } from '../../src/drift/index.ts';
import { SimulatedCamera, Weather } from '../bench/rollouts/street-counts.ts';
import { digest as oldDigest } from '../fakes/test-fleet.ts';
import { CountingCameras } from '../unit/controller/rollouts/counting-cameras.ts';
import { RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';

const blockMs = 300_000;
const days = 3;
const changed = days * 288 + 144;

interface World {
  readonly treated: number;
  readonly controls: number;
  /** What the new version loses. */
  readonly lostRecall?: number;
  /** What these devices say after the change, whatever they see. */
  readonly lies?: Readonly<Record<string, (value: number) => number>>;
}

/** Devices of a wave and of its control, an hour after the change at noon; t0 ... and c0 ... */
function world({ treated, controls, lostRecall = 0, lies = {} }: World, key: BlockKey): GateSubject[] {
  const weather = new Weather(seededRandom(1), days + 1);
  const names = [
    ...Array.from({ length: treated }, (_, at) => `t${at}`),
    ...Array.from({ length: controls }, (_, at) => `c${at}`),
  ];
  return names.map((device, index) => {
    const camera = new SimulatedCamera(device, seededRandom(100 + index), weather);
    const arm = device.startsWith('t') ? ('treated' as const) : ('control' as const);
    const lie = lies[device] ?? ((value: number) => value);
    const blocks = Array.from({ length: changed + 12 }, (_, at) => {
      const after = at >= changed;
      const change = arm === 'treated' && after ? { lostRecall } : undefined;
      const block = camera.block(at, change, after ? at - changed : undefined);
      const own = block.values[key];
      if (!after || own === undefined) return block;
      return { ...block, values: { ...block.values, [key]: { ...own, value: lie(own.value) } } };
    });
    return { device, camera: 'front', arm, changedMs: changed * blockMs, blocks };
  });
}

const judge = (given: World, metric: GateMetric = 'detections', harm = 0.15) =>
  evaluateGate(
    { metrics: [{ metric, harm }] },
    { blockMinutes: 5, look: { number: 1, of: 1 }, subjects: world(given, metric as BlockKey) },
  );

describe('One device that lies in a gate', () => {
  const bad = { treated: 6, controls: 8, lostRecall: 0.3 };

  it('is not needed for a bad version to be seen', () => {
    expect(judge(bad).outcome).toBe('fail');
  });

  it('of the control, that says its own numbers fell, does not let a bad version pass', () => {
    const { outcome, metrics, settle } = judge({ ...bad, lies: { c3: (value) => value * 0.03 } });
    expect(outcome).toBe('inconclusive');
    expect(metrics[0]).toMatchObject({ hinges: 'c3', seenBy: 'device' });
    expect(metrics[0]?.says).toMatch(/c3 alone says so: without it, detections per frame: \d+ % lower/);
    expect(settle.join()).toContain('Check c3');
  });

  it('of the wave, that says all is better than ever, does not let a bad version pass', () => {
    const { outcome, metrics } = judge({ ...bad, treated: 3, lies: { t1: (value) => value * 5 } });
    expect(outcome).toBe('inconclusive');
    expect(metrics[0]?.hinges).toBe('t1');
  });

  it('and a version that is as good passes with all of them, and rests on more than one', () => {
    const { outcome, metrics } = judge({ treated: 6, controls: 8 });
    expect(outcome).toBe('pass');
    expect(metrics[0]).not.toHaveProperty('alone');
    expect(metrics[0]).not.toHaveProperty('hinges');
  });

  it('is named where it is the only one of its side: it could have made it up alone', () => {
    const canary = judge({ treated: 1, controls: 8, lies: { t0: (value) => value * 1.3 } });
    expect(canary).toMatchObject({ outcome: 'pass', metrics: [{ alone: 't0' }] });
  });

  it.each(['c0', 'c5'])('%s alone lets no version pass that the others see to be slower', (liar) => {
    const slower = (value: number) => value * 1.4;
    const lies = { ...Object.fromEntries([0, 1, 2, 3].map((at) => [`t${at}`, slower])) };
    const honest = judge({ treated: 4, controls: 6, lies }, 'latency', 0.1);
    expect(honest.outcome).toBe('fail');
    const lied = judge(
      { treated: 4, controls: 6, lies: { ...lies, [liar]: (value) => value * 12 } },
      'latency',
      0.1,
    );
    expect(lied).toMatchObject({ outcome: 'inconclusive', metrics: [{ hinges: liar }] });
  });
});

describe('A version that kills its agent, on a device that says all is well', () => {
  it('is taken back by what the controller saw of the connection', async () => {
    const ids = Array.from({ length: 9 }, (_, at) => `d${at + 1}`);
    const fleet = await RolloutFleet.open(ids);
    const cameras = new CountingCameras(fleet, ids);
    await cameras.begin(2);
    await fleet.push('2.0.0');
    await fleet.create({
      waves: [{ devices: ['d1'], soakMinutes: 45 }, { percent: 100 }],
      lateJoiners: 'leave',
      gate: { metrics: [{ metric: 'detections' }, { metric: 'disconnects' }, { metric: 'crashes' }] },
    });
    await fleet.turn(3);
    for (let at = 0; at < 12 && ['running', 'soaking'].includes(fleet.show().state); at++) {
      if (fleet.stateOf('d1') === 'committed') {
        await fleet.offline('d1', 'connection-lost');
        await fleet.fleet.clock.pass(25_000);
        await fleet.online('d1');
      }
      await cameras.block();
    }
    await fleet.turn(5);
    const { reason, waves, state } = fleet.show();
    const results = Object.fromEntries(waves[0]!.gate!.metrics.map((one) => [one.metric, one]));
    expect(results.disconnects).toMatchObject({ outcome: 'fail', seenBy: 'controller' });
    expect(results.crashes?.outcome).not.toBe('fail');
    expect(reason).toContain('lost connections');
    expect([state, fleet.running.get('d1')?.digest]).toEqual(['rolled-back', oldDigest]);
    await fleet.fleet.stop();
  });
});
