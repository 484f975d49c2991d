import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GateMetricRow, gateMetricTable, type RolloutPolicy } from '../../../../src/api/index.ts';
import { ModelTask } from '../../../../src/model/index.ts';
import { admin } from '../../../fakes/test-fleet.ts';
import { headOf } from '../../../fixtures/head.ts';
import { RolloutFleet } from './rollout-fleet.ts';

type Row = [string, Partial<RolloutPolicy>, string];
const experiments: [string, Partial<RolloutPolicy>][] = [
  ['that has waves too', { experiment: { by: 'device', percent: 50 }, waves: [{ count: 1 }] }],
  ['without a part', { experiment: { by: 'device' } }],
  ['with two parts', { experiment: { by: 'device', percent: 50, labels: { ring: 'b' } } }],
  ['by camera and labels', { experiment: { by: 'camera', labels: { ring: 'b' } } }],
  ['of no labels', { experiment: { by: 'device', labels: {} } }],
  ['by device in a slot of its own', { experiment: { by: 'device', percent: 50, slot: 'next' } }],
  ['by camera of another slot', { experiment: { by: 'camera', percent: 50 }, slot: 'plate' }],
  ['by camera in main', { experiment: { by: 'camera', percent: 50, slot: 'main' } }],
  [
    'with a shadow',
    {
      experiment: { by: 'device', percent: 50 },
      gate: { metrics: [{ metric: 'detections' }], comparison: 'shadow' },
    },
  ],
];

describe('A rollout that cannot be', () => {
  let fleet: RolloutFleet;
  let digest: string;
  beforeEach(async () => {
    fleet = await RolloutFleet.open(['d1', 'd2', 'd3']);
    digest = await fleet.push('2.0.0');
  });
  afterEach(() => fleet.fleet.stop());

  const bad: [string, Partial<RolloutPolicy>, string][] = [
    ['over nobody', { target: {} }, 'rollout-policy'],
    [
      'with a shadow of an agent',
      { slot: 'agent', gate: { metrics: [{ metric: 'detections' }], comparison: 'shadow' } },
      'rollout-policy',
    ],
    ['over labels that no device has', { target: { labels: { site: 'moon' } } }, 'rollout-empty'],
    ['with a wave of nothing', { waves: [{}] }, 'rollout-policy'],
    ['with a wave of empty labels, which all devices have', { waves: [{ labels: {} }] }, 'rollout-policy'],
    ['with a wave of 0 %', { waves: [{ percent: 0 }, { percent: 50 }] }, 'rollout-policy'],
    ['with a wave of no devices', { waves: [{ devices: [] }] }, 'rollout-policy'],
    [
      'that leaves out nobody in particular',
      { target: { all: true, except: { labels: {} } } },
      'rollout-policy',
    ],
    [
      'with a window on a day that no month has',
      { windows: [{ cron: '0 0 30 2 *', timeZone: 'UTC', minutes: 5 }] },
      'cron-form',
    ],
    [
      'with a window at no place',
      { windows: [{ cron: '0 2 * * *', timeZone: 'Mars/North', minutes: 5 }] },
      'time-zone-unknown',
    ],
    [
      'with classes for a metric of zones',
      { gate: { metrics: [{ metric: 'zone-entries', classes: ['car'] }] } },
      'rollout-policy',
    ],
    [
      'with zones for a metric that has none',
      { gate: { metrics: [{ metric: 'latency', zones: ['gate'] }] } },
      'rollout-policy',
    ],
    [
      'with a gate on zones, where no camera has one',
      { gate: { metrics: [{ metric: 'zone-dwell' }] } },
      'gate-zone-unknown',
    ],
    [
      'with a gate on a line that no camera has',
      { gate: { metrics: [{ metric: 'line-crossings', lines: ['door'] }] } },
      'gate-line-unknown',
    ],
    ['with a wave of a stranger', { waves: [{ devices: ['d9'] }] }, 'rollout-wave-device'],
    [
      'with a wave outside of its target',
      { target: { devices: ['d1'] }, waves: [{ devices: ['d2'] }] },
      'rollout-wave-device',
    ],
    ...experiments.map(([what, policy]): Row => [`that is an experiment ${what}`, policy, 'rollout-policy']),
    ['with one device in two waves', { waves: [{ devices: ['d1'] }, { devices: ['d1'] }] }, 'rollout-policy'],
    ['with percents that shrink', { waves: [{ percent: 50 }, { percent: 20 }] }, 'rollout-policy'],
    ['with waves and growth', { waves: [{ count: 1 }], growth: { first: 1, factor: 2 } }, 'rollout-policy'],
    [
      'with more looks than its longest soak has blocks',
      {
        soakMinutes: 10,
        waves: [{ count: 1, soakMinutes: 15 }],
        gate: { metrics: [{ metric: 'detections' }], looks: 4 },
      },
      'rollout-policy',
    ],
    [
      'that may pass early and looks once',
      { soakMinutes: 60, gate: { metrics: [{ metric: 'detections' }], looks: 1, passEarly: true } },
      'rollout-policy',
    ],
    [
      'with shares that cannot both be',
      { success: { atLeastPercent: 90, abortPercent: 20 } },
      'rollout-policy',
    ],
    [
      'with a window that never opens',
      { windows: [{ cron: 'x x x x x', timeZone: 'UTC', minutes: 5 }] },
      'cron-form',
    ],
    ['of a version that is not there', { model: { name: 'street', version: '9.9.9' } }, 'version-unknown'],
    [
      'of two versions at once',
      { model: { name: 'street', version: '2.0.0', policy: { follows: 'latest' } } },
      'rollout-policy',
    ],
  ];
  test.each(bad)('%s is refused and nothing is ordered', async (_, policy, code) => {
    await expect(fleet.create(policy)).rejects.toMatchObject({ code });
    expect(fleet.rollouts.list().total).toBe(0);
  });

  test('with a gate on a zone is made where a camera has that zone, and names those that there are', async () => {
    const points: [number, number][] = [
      [0, 0],
      [1, 0],
      [1, 1],
    ];
    const front = { rules: { zones: { gate: { points } } } };
    await fleet.fleet.controller.desiredState.setDevice(admin, 'd2', { pipelines: { front } });
    const { desiredState } = fleet.fleet.controller;
    const drift = (zone: string) => ({ pipelines: { front: { ...front, drift: { within: [zone] } } } });
    await expect(desiredState.setDevice(admin, 'd2', drift('yard'))).rejects.toMatchObject({
      code: 'drift-zone-unknown',
    });
    await desiredState.setDevice(admin, 'd2', drift('gate'));
    const gate = (zone: string) => ({ metrics: [{ metric: 'zone-entries' as const, zones: [zone] }] });
    await expect(fleet.create({ gate: gate('yard'), soakMinutes: 60 })).rejects.toMatchObject({
      code: 'gate-zone-unknown',
      message: 'No camera of these devices has a zone yard, which the gate compares.',
      remedy: 'There is gate.',
    });
    await expect(fleet.create({ gate: gate('gate'), soakMinutes: 60 })).resolves.toMatchObject({
      state: 'running',
    });
  });

  test.each(['detections', 'class-mix', 'score', 'latency'] as const)(
    'with a gate on %s is refused where the model gives answers that it cannot tell apart',
    async (metric) => {
      const gate = { metrics: [{ metric }] };
      const tells = { depth: ['latency'], classification: ['class-mix', 'score', 'latency'] };
      const heads = {
        depth: headOf('depth-relative', 1, { tensor: 'depth', dims: [1, 1, 32, 32], width: 32, height: 32 }),
        classification: headOf('logits', 1),
      };
      for (const task of ['depth', 'classification'] as const) {
        const version = task === 'depth' ? '3.0.0' : '4.0.0';
        const labels = task === 'depth' ? { labels: ['depth'] } : {};
        await fleet.push(version, [], { task, output: heads[task], ...labels });
        const model = { name: 'street', version };
        const created = fleet.create({ model, gate, soakMinutes: 60, supersede: true }, { name: task });
        if (tells[task].includes(metric)) await created;
        else await expect(created).rejects.toThrow(`does not apply to a model for ${task}`);
      }
    },
  );

  test('no metric of a gate names a task that no model has', () => {
    const known = ModelTask.anyOf.map(({ const: name }) => name as string);
    const named = Object.values<GateMetricRow>(gateMetricTable).flatMap(({ tasks = [] }) => tasks);
    expect(named.filter((task) => !known.includes(task))).toEqual([]);
    expect(named).toContain('text');
  });

  test('two over one device: the second is refused, or takes the place of the first where it says so', async () => {
    fleet.behaviours.set('d1', 'silent');
    await fleet.create({ waves: [{ devices: ['d1'] }] });
    await fleet.turn(1);
    const more = { name: 'to-3' };
    const next = await fleet.push('3.0.0');
    await expect(fleet.create({}, more)).rejects.toMatchObject({ code: 'rollout-overlap' });
    await fleet.create({ supersede: true }, more);
    fleet.behaviours.delete('d1');
    await fleet.turn(4);
    expect(fleet.show('to-2')).toMatchObject({ state: 'superseded', reason: 'to-3 took its place.' });
    expect(fleet.show('to-3').state).toBe('finished');
    for (const id of ['d1', 'd2', 'd3']) expect(fleet.running.get(id)?.digest).toBe(next);
  });

  test('a rollout that takes back cannot be superseded', async () => {
    await fleet.create({});
    await fleet.turn(3);
    for (const id of ['d1', 'd2', 'd3']) fleet.behaviours.set(id, 'silent');
    await fleet.rollouts.act(admin, 'to-2', { action: 'rollback' });
    await expect(fleet.create({ supersede: true }, { name: 'to-3' })).rejects.toMatchObject({
      code: 'rollout-overlap',
    });
  });

  test('of one that is over, late joiners follow the newer', async () => {
    await fleet.create({});
    await fleet.turn(3);
    const next = await fleet.push('3.0.0');
    await fleet.create({}, { name: 'to-3' });
    await fleet.turn(3);
    expect(fleet.show('to-2').state).toBe('superseded');
    await fleet.join('d9');
    await fleet.minutes(2);
    expect(fleet.running.get('d9')?.digest).toBe(next);
  });

  test('a version that a rollout needs cannot be deleted; one that is gone pauses it', async () => {
    fleet.behaviours.set('d1', 'silent');
    await fleet.create({ waves: [{ devices: ['d1'] }] });
    await expect(fleet.fleet.controller.models.deleteModel(admin, digest)).rejects.toMatchObject({
      code: 'model-in-rollout',
    });
    // Somebody clears the disk of the controller.
    await fleet.fleet.artifacts.repositories.delete('street');
    await fleet.fleet.restart();
    await fleet.turn(2);
    expect(fleet.show()).toMatchObject({ state: 'paused', pause: { kind: 'model-gone' } });
  });

  test('a device that flaps is waited for, and commits once', async () => {
    await fleet.create({ waves: [{ devices: ['d1'] }] });
    for (let at = 0; at < 6; at++) {
      await fleet.offline('d1');
      await fleet.turn(1);
      await fleet.online('d1');
      if (at === 2) fleet.behaviours.set('d1', 'silent');
      await fleet.turn(1);
    }
    fleet.behaviours.delete('d1');
    await fleet.turn(3);
    expect(fleet.stateOf('d1')).toBe('committed');
    const orders = fleet.fleet.store.auditRows.filter(
      ({ action, target }) => action === 'rollout.deploy' && target === 'd1',
    );
    expect(orders).toHaveLength(1);
  });

  test('a device whose clock is an hour off is judged by the clock of the controller', async () => {
    await fleet.create({ waves: [{ devices: ['d1'], soakMinutes: 10 }] });
    await fleet.turn(1);
    const { order } = fleet.desired('d1')!.slots!.main!.model;
    const hour = 3_600_000;
    fleet.running.set('d1', { digest, version: '2.0.0' });
    await fleet.report(
      'd1',
      { state: 'committed', digest, ...(order === undefined ? {} : { order }) },
      { timeMs: fleet.fleet.clock.wallMs() + hour, generation: fleet.desired('d1')!.generation },
    );
    await fleet.turn(2);
    expect(fleet.show()).toMatchObject({ state: 'soaking', wave: 0 });
    const { committedMs = 0 } = fleet.show().devices[0]!;
    expect(committedMs).toBeLessThanOrEqual(fleet.fleet.clock.wallMs());
    await fleet.minutes(8);
    expect(fleet.show().state).toBe('soaking');
  });
});
