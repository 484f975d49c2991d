import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type AskedBy,
  applyVerdict,
  askedBy,
  type Consequence,
  consequences,
} from '../../../../src/controller/rollouts/gate-decision.ts';
import { gateDevices } from '../../../../src/controller/rollouts/gate-devices.ts';
import type { GateLook, GateOutcome, GateVerdict } from '../../../../src/controller/rollouts/gates/index.ts';
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

const of3 = (number: number, from?: number): GateLook => ({ number, of: 3, ...(from ? { from } : {}) });
const minute = 60_000;
/** Settled at 1,000 minutes. */
const watched: Rollout = {
  ...soaking,
  waves: [
    { name: 'a', soakMinutes: 60, settledMs: 1000 * minute, looks: { of: 3, made: [] } },
    { name: 'b', soakMinutes: 0 },
  ],
};

describe('A verdict of a gate', () => {
  const rows: Readonly<Record<AskedBy, string>> = {
    early: 'pass>wait fail>fail inconclusive>wait no-data>wait',
    'early-may-pass': 'pass>next fail>fail inconclusive>wait no-data>wait',
    last: 'pass>next fail>fail inconclusive>pause no-data>pause',
    // The guard can stop, and never lets go on.
    guard: 'pass>wait fail>fail inconclusive>wait no-data>wait',
  };
  const looks: Readonly<Record<AskedBy, readonly GateLook[]>> = {
    early: [of3(1), of3(2), of3(2, 1)],
    'early-may-pass': [of3(1), of3(2)],
    last: [of3(3), of3(3, 1), { number: 1, of: 1 }, 'again'],
    guard: ['always'],
  };
  const states = { next: 'running', fail: 'rolling-back', pause: 'paused', wait: 'soaking' } as const;
  const cases = (Object.keys(rows) as AskedBy[]).flatMap((asked) =>
    looks[asked].flatMap((look) =>
      rows[asked]
        .split(' ')
        .map((row) => [asked, look, ...(row.split('>') as [GateOutcome, Consequence])] as const),
    ),
  );
  test.each(cases)('%s %j, %s: %s', (asked, look, outcome, consequence) => {
    expect(askedBy(look, asked === 'early-may-pass')).toBe(asked);
    expect(consequences[asked][outcome]).toBe(consequence);
    const policy = { ...soaking.policy, gate: { ...gate, passEarly: asked === 'early-may-pass' } };
    const state = states[consequence];
    const after = applyVerdict({ ...watched, policy }, verdict(outcome), look, 1100 * minute);
    expect(after).toMatchObject({ state, wave: state === 'running' ? 1 : 0 });
    expect(after.waves[0]?.gate).toMatchObject({ outcome, timeMs: 1100 * minute });
    expect(after.waves[0]?.looks?.made.length).toBe(look === 'always' ? 0 : 1);
    if (state === 'paused')
      expect(after.pause).toMatchObject({ kind: outcome, settle: ['ten minutes more'] });
  });

  test('is kept with its look, and told with how late it came', () => {
    const seen: GateVerdict = {
      ...verdict('inconclusive'),
      metrics: [
        {
          ...{ metric: 'detections', outcome: 'inconclusive', harm: 0.1, unit: 'share', seenBy: 'device' },
          estimate: 0.04,
          ...{ interval: [-0.1, 0.2], method: 'x', says: 'x', pValue: 0.3 },
          ...{ treated: { subjects: 1, blocks: 4 }, control: { subjects: 2, blocks: 8 } },
        },
      ],
    };
    const first = applyVerdict(watched, seen, of3(1), 1021 * minute);
    expect(first.notes.at(-1)?.what).toBe('The gate looked (look 1 of 3), inconclusive: it says so.');
    const second = applyVerdict(first, seen, of3(3, 2), 1065 * minute);
    expect(second.pause?.what).toBe(
      'The gate cannot say (looks 2 to 3 of 3 made as one, 25 min late): it says so.',
    );
    const metrics = [
      { metric: 'detections', outcome: 'inconclusive', estimate: 0.04, interval: [-0.1, 0.2] },
    ];
    const both = { outcome: 'inconclusive', says: 'it says so.', metrics };
    expect(second.waves[0]?.looks).toEqual({
      of: 3,
      made: [
        { number: 1, dueMs: 1020 * minute, timeMs: 1021 * minute, ...both },
        { number: 3, from: 2, dueMs: 1040 * minute, timeMs: 1065 * minute, ...both },
      ],
    });
  });

  test('of a look that was made meanwhile has no effect', () => {
    const first = applyVerdict(watched, verdict('inconclusive'), of3(2, 1), 1041 * minute);
    expect(applyVerdict(first, verdict('fail'), of3(2, 1), 1041 * minute)).toBe(first);
    expect(applyVerdict(first, verdict('fail'), of3(2), 1041 * minute)).toBe(first);
    expect(applyVerdict(first, verdict('fail'), of3(3), 1060 * minute).state).toBe('rolling-back');
  });

  test('that a person asks for after the last look is kept, the newest dozen of these', () => {
    let rollout = applyVerdict(watched, verdict('inconclusive'), of3(3, 1), 1060 * minute);
    for (let time = 1; time <= 15; time++)
      rollout = applyVerdict(
        { ...rollout, state: 'soaking' },
        verdict('inconclusive'),
        'again',
        1060 * minute + time,
      );
    const times = rollout.waves[0]!.looks!.made.map(({ timeMs }) => timeMs - 1060 * minute);
    expect(times).toEqual([0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  });

  test('that failed pauses where a person is to decide', () => {
    const policy = { ...soaking.policy, onFail: 'pause' as const };
    expect(applyVerdict({ ...soaking, policy }, verdict('fail'), { number: 1, of: 1 }, 9)).toMatchObject({
      ...{ state: 'paused', pause: { kind: 'failed', what: 'The gate failed: it says so.' } },
    });
  });

  test('that comes after the rollout was stopped changes nothing', () => {
    const paused: Rollout = { ...soaking, state: 'paused' };
    expect(applyVerdict(paused, verdict('fail'), { number: 1, of: 1 }, 9)).toBe(paused);
  });
});

describe('What a gate compares', () => {
  const facts = (id: string, change: Partial<DeviceFacts> = {}): [string, DeviceFacts] => [
    id,
    {
      id,
      online: true,
      cameras: [],
      shareIn: () => undefined,
      labels: {},
      groups: [],
      groupNames: false,
      approvalRules: [],
      generation: 0,
      ...change,
    },
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

  test('says beforehand what it will be able to see', async () => {
    const policy = {
      model: { name: 'street' },
      target: { all: true as const },
      gate,
      growth: { first: 1, factor: 1 },
    };
    const { gate: words } = await fleet.rollouts.preview({
      ...{ name: 'x', policy: { ...policy, soakMinutes: 30 } },
    });
    expect(words.length).toBeGreaterThan(1);
    expect(words[0]).toMatch(/^wave 1: /);
  });
});
