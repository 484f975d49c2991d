import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyVerdict } from '../../../../src/controller/rollouts/gate-decision.ts';
import { gateDevices } from '../../../../src/controller/rollouts/gate-devices.ts';
import type { GateOutcome, GateVerdict } from '../../../../src/controller/rollouts/gates/index.ts';
import type { DeviceRecord, Rollout } from '../../../../src/controller/rollouts/rollout.ts';
import type { DeviceFacts } from '../../../../src/controller/rollouts/world.ts';
import { admin } from '../../../fakes/test-fleet.ts';
import { RolloutFleet } from './rollout-fleet.ts';

const gate = { metrics: [{ metric: 'detections' as const }] };
const record = (device: string, wave: number, change: Partial<DeviceRecord> = {}): DeviceRecord => ({
  ...{ device, wave, state: 'waiting', sinceMs: 1 },
  ...change,
});
const soaking: Rollout = {
  ...{ id: 'r', name: 'to-2', slot: 'main', createdMs: 1, createdBy: { token: 't', name: 'ann' } },
  policy: { model: { name: 'street' }, target: { all: true }, gate },
  model: { name: 'street', version: '2', digest: `sha256:${'c'.repeat(64)}` },
  ...{ state: 'soaking', sinceMs: 1, wave: 0, notes: [] },
  waves: [
    { name: 'a', soakMinutes: 0, settledMs: 1 },
    { name: 'b', soakMinutes: 0 },
  ],
  devices: new Map([
    ['d1', record('d1', 0, { state: 'committed', committedMs: 5, order: 'o' })],
    ['d2', record('d2', 0, { state: 'failed', order: 'o' })],
    ['d3', record('d3', 1)],
    ['d4', record('d4', 1)],
  ]),
};
const verdict = (outcome: GateOutcome): GateVerdict => ({
  ...{ outcome, says: 'it says so.', settle: ['ten minutes more'], metrics: [] },
});

describe('A verdict of a gate', () => {
  test.each([
    ['pass', 'look', 'running'],
    ['fail', 'look', 'rolling-back'],
    ['inconclusive', 'look', 'paused'],
    ['no-data', 'look', 'paused'],
    // The guard can stop, and never lets go on.
    ['pass', 'guard', 'soaking'],
    ['fail', 'guard', 'rolling-back'],
    ['inconclusive', 'guard', 'soaking'],
    ['no-data', 'guard', 'soaking'],
  ] as const)('%s of a %s: %s', (outcome, ask, state) => {
    const after = applyVerdict(soaking, verdict(outcome), ask, 9);
    expect(after).toMatchObject({ state, wave: state === 'running' ? 1 : 0 });
    expect(after.waves[0]?.gate).toMatchObject({ outcome, timeMs: 9 });
    if (state === 'paused')
      expect(after.pause).toMatchObject({ kind: outcome, settle: ['ten minutes more'] });
  });

  test('that failed pauses where a person is to decide', () => {
    const policy = { ...soaking.policy, onFail: 'pause' as const };
    expect(applyVerdict({ ...soaking, policy }, verdict('fail'), 'look', 9)).toMatchObject({
      ...{ state: 'paused', pause: { kind: 'failed', what: 'The gate failed: it says so.' } },
    });
  });

  test('that comes after the rollout was stopped changes nothing', () => {
    const paused: Rollout = { ...soaking, state: 'paused' };
    expect(applyVerdict(paused, verdict('fail'), 'look', 9)).toBe(paused);
  });
});

describe('What a gate compares', () => {
  const facts = (id: string, change: Partial<DeviceFacts> = {}): [string, DeviceFacts] => [
    id,
    { id, online: true, labels: {}, groups: [], groupNames: false, generation: 0, ...change },
  ];
  const fleet = new Map([
    facts('d1'),
    facts('d2'),
    facts('d3'),
    facts('d4', { online: false }),
    facts('d5', { labels: { ring: 'control' } }),
    facts('d6', { labels: { ring: 'control' }, loaded: soaking.model }),
  ]);

  test('are devices that run it and, of those that the rollout did not touch, those that are there', () => {
    expect(gateDevices(soaking, fleet)).toEqual([
      { device: 'd1', arm: 'treated', changedMs: 5 },
      { device: 'd3', arm: 'control' },
    ]);
  });

  test('are the control devices that the policy names, but for those that run the new model', () => {
    const named = { ...gate, control: { labels: { ring: 'control' } } };
    const policy = { ...soaking.policy, gate: named };
    const control = gateDevices({ ...soaking, policy }, fleet).filter(({ arm }) => arm === 'control');
    expect(control).toEqual([{ device: 'd5', arm: 'control' }]);
  });
});

describe('A rollout with a gate', () => {
  let fleet: RolloutFleet;
  beforeEach(async () => {
    fleet = await RolloutFleet.open(['d1', 'd2']);
    await fleet.push('2.0.0');
  });
  afterEach(() => fleet.fleet.stop());

  test('on what nobody sends pauses and says what would settle it; a person may promote it', async () => {
    await fleet.create({ gate, waves: [{ devices: ['d1'], soakMinutes: 5 }] });
    await fleet.minutes(8);
    const shown = fleet.show();
    expect(shown).toMatchObject({ state: 'paused', pause: { kind: 'no-data' } });
    expect(shown.waves[0]?.gate?.outcome).toBe('no-data');
    expect(shown.next).toContain('promote');
    await fleet.rollouts.act(admin, 'to-2', { action: 'promote' });
    await fleet.minutes(2);
    // One device in a wave, and no control left.
    expect(fleet.show()).toMatchObject({ state: 'paused', wave: 1, pause: { kind: 'no-data' } });
  });

  test('says beforehand what it will be able to see', () => {
    const policy = {
      model: { name: 'street' },
      target: { all: true as const },
      gate,
      growth: { first: 1, factor: 1 },
    };
    const { gate: words } = fleet.rollouts.preview({ name: 'x', policy: { ...policy, soakMinutes: 30 } });
    expect(words.length).toBeGreaterThan(1);
    expect(words[0]).toMatch(/^wave 1: /);
  });
});
