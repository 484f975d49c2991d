import { describe, expect, it } from 'vitest';
import { deviceHealth, type HealthFacts } from '../../../../src/controller/fleet/device-health.ts';
import type { DriftStatus, Reported } from '../../../../src/protocol/index.ts';
import { loaded, slot } from '../../../fakes/test-fleet.ts';

const incident = (
  kind: 'sensor-fault' | 'scene-change',
  detail: string,
  grade: 'notice' | 'alarm' = 'alarm',
): DriftStatus => ({
  state: 'watching',
  watched: ['sensor'],
  signals: [],
  incident: { number: 1, verdict: { kind, detail }, sinceMs: 0, grade },
});
const other = { name: 'street', version: '9.0.0', digest: `sha256:${'9'.repeat(64)}` };
const frozen = incident('sensor-fault', 'frozen');
const wrong: DriftStatus = {
  state: 'watching',
  watched: ['sensor'],
  signals: [],
  knownAnswer: { timeMs: 0, right: false, agreement: 0 },
};

function facts(more: Partial<HealthFacts>, reported: Partial<Reported> = {}): HealthFacts {
  return {
    online: true,
    offlineReason: undefined,
    cameras: ['front', 'back'],
    fps: new Map([
      ['front', 30],
      ['back', 30],
    ]),
    disk: undefined,
    unjudged: [],
    desired: undefined,
    wallMs: 0,
    ...more,
    reported: { generation: 1, slots: { main: slot() }, pipelines: {}, ...reported },
  };
}

describe('The health of a device', () => {
  it.each([
    ['ok', 'when nothing is wrong', facts({}), []],
    [
      'offline',
      'when it is away, whatever it said last',
      facts({ online: false, offlineReason: 'silence' }, { drift: { front: frozen } }),
      ['silence'],
    ],
    [
      'degraded',
      'when one of two cameras is frozen',
      facts({}, { drift: { front: frozen } }),
      ['front: frozen'],
    ],
    [
      'blind',
      'when both are frozen',
      facts({}, { drift: { front: frozen, back: frozen } }),
      ['front: frozen', 'back: frozen'],
    ],
    [
      'blind',
      'when the only camera is frozen',
      facts({ cameras: ['front'] }, { drift: { front: frozen } }),
      ['front: frozen'],
    ],
    [
      'degraded',
      'when a camera gives no frames',
      facts({ fps: new Map([['front', 0]]) }),
      ['front: no frames'],
    ],
    [
      'ok',
      'when a camera that gives none is switched off',
      facts({ fps: new Map([['front', 0]]) }, { pipelines: { front: { enabled: false } } }),
      [],
    ],
    [
      'degraded',
      'when the input drifts',
      facts({ cameras: ['front'] }, { drift: { front: incident('scene-change', 'hazier') } }),
      ['front: scene-change (hazier)'],
    ],
    [
      'degraded',
      'when the model answers a known frame wrongly',
      facts({}, { drift: { back: wrong } }),
      ['back: wrong answer to a known frame'],
    ],
    [
      'degraded',
      'when the deployment of another slot failed',
      facts(
        {},
        {
          slots: {
            main: slot(),
            plate: { deployment: { state: 'failed', reason: 'no room' }, role: 'serve', cameras: [] },
          },
        },
      ),
      ['slot plate: deployment failed: no room'],
    ],
    [
      'degraded',
      'when a model is kept without evidence',
      facts(
        {},
        {
          slots: {
            main: slot({ deployment: { state: 'committed', outcome: 'unproven', reason: '3 frames' } }),
          },
        },
      ),
      ['3 frames'],
    ],
    [
      'degraded',
      'when a rollout left it with a version without a verdict',
      facts({ unjudged: ['street 2 without a verdict'] }),
      ['street 2 without a verdict'],
    ],
    [
      'degraded',
      'when a deployment failed',
      facts({}, { slots: { main: slot({ deployment: { state: 'failed', reason: 'no disk' } }) } }),
      ['deployment failed: no disk'],
    ],
    [
      'ok',
      'when something changed and no harm is expected',
      facts({}, { drift: { front: incident('scene-change', 'hazier', 'notice') } }),
      [],
    ],
    [
      'degraded',
      'when a camera gives no frames and its device knows why',
      facts({ fps: new Map([['front', 0]]) }, { cameras: { front: { fault: 'No such file.' } } }),
      ['front: no frames: No such file.'],
    ],
    [
      'degraded',
      'when a camera reaches less than 80 % of its target rate',
      facts({ fps: new Map([['front', 7.96]]) }, { cameras: { front: { targetFps: 10 } } }),
      ['front: 8 of 10 frames/s'],
    ],
    [
      'degraded',
      'when it does, with the reason that its device knows',
      facts(
        { fps: new Map([['front', 6]]) },
        { cameras: { front: { targetFps: 10, missed: { reason: 'heat', what: '6 of 10: heat' } } } },
      ),
      ['front: 6 of 10: heat'],
    ],
    [
      'degraded',
      'when its device says that a latency is missed that was promised',
      facts(
        { fps: new Map([['front', 10]]) },
        { cameras: { front: { maxLatencyMs: 50, missed: { reason: 'engine', what: '80 of 50 ms' } } } },
      ),
      ['front: 80 of 50 ms'],
    ],
    [
      'ok',
      'when a camera gives no frames because its device leaves them out on purpose',
      facts({ fps: new Map([['front', 0]]) }, { cameras: { front: { leftOut: true } } }),
      [],
    ],
    [
      'ok',
      'when it does while the zone of its target is empty',
      facts({ fps: new Map([['front', 2]]) }, { cameras: { front: { targetFps: 10, targetZone: 'gate' } } }),
      [],
    ],
    [
      'degraded',
      'when its device says that it is missed while an object is in its zone',
      facts(
        { fps: new Map([['front', 9]]) },
        {
          cameras: {
            front: { targetFps: 10, targetZone: 'gate', missed: { reason: 'heat', what: '9 of 10: heat' } },
          },
        },
      ),
      ['front: 9 of 10: heat'],
    ],
    [
      'ok',
      'when it reaches 80 % of it',
      facts({ fps: new Map([['front', 8]]) }, { cameras: { front: { targetFps: 10 } } }),
      [],
    ],
    [
      'blind',
      'once for each camera: one that gives nothing misses its rate too',
      facts({ cameras: ['front'], fps: new Map([['front', 0]]) }, { cameras: { front: { targetFps: 10 } } }),
      ['front: no frames'],
    ],
    [
      'degraded',
      'when less than 1 GB of its disk is free',
      facts({ disk: { freeBytes: 999_000_000, sizeBytes: 64e9 } }),
      ['disk low: 999 MB free'],
    ],
    ['ok', 'when a small disk is not nearly full', facts({ disk: { freeBytes: 4e8, sizeBytes: 3.9e9 } }), []],
    [
      'degraded',
      'when a part of its robot has an error, and not for a warning',
      facts(
        {},
        {
          robot: {
            parts: 9,
            problems: [
              { name: 'motor left', level: 'error', message: 'over-current', sinceMs: 5 },
              { name: 'lidar', level: 'warn', message: 'dusty', sinceMs: 5 },
            ],
          },
        },
      ),
      ['robot: motor left: over-current'],
    ],
    [
      'degraded',
      'when what runs is not what was ordered, though it says that it is done',
      facts({ desired: { generation: 1, slots: { main: { model: other } } } }),
      [`order not followed: ${loaded.name} ${loaded.version} runs, ordered is street 9.0.0`],
    ],
    [
      'degraded',
      'when it acts on an order that this controller did not give, whatever it runs',
      facts({ desired: { generation: 1 } }, { generation: Number.MAX_SAFE_INTEGER }),
      [
        'order not followed: it acts on order 9007199254740991, which this controller did not give; its own is 1',
      ],
    ],
    [
      'ok',
      'while an order is on its way',
      facts({ desired: { generation: 2, slots: { main: { model: other } } } }),
      [],
    ],
    [
      'ok',
      'while it works on one',
      facts(
        { desired: { generation: 1, slots: { main: { model: other } } } },
        { slots: { main: slot({ deployment: { state: 'probation' } }) } },
      ),
      [],
    ],
    [
      'degraded',
      'when a model was withdrawn that ran there',
      facts({}, { trust: { mode: 'signed', withdrawn: [{ slot: 'main', what: 'street 1.0.0 ...' }] } }),
      ['street 1.0.0 ...'],
    ],
    [
      'degraded',
      'when by what it knows it is days later than here',
      facts({ wallMs: 0 }, { trust: { mode: 'signed', knownMs: 120 * 86_400_000 } }),
      [expect.stringMatching(/^time ahead: .* 120 days later/)],
    ],
    [
      'ok',
      'when by what it knows it is earlier, or less than a day later',
      facts({ wallMs: 9e9 }, { trust: { mode: 'signed', knownMs: 9e9 + 80_000_000 } }),
      [],
    ],
    ['ok', 'when no camera is known yet', facts({ cameras: [] }), []],
  ])('is %s %s', (state, _when, known, reasons) => {
    const { problems, ...health } = deviceHealth(known);
    expect(health).toEqual({ state, reasons });
    expect(problems).toHaveLength(state === 'offline' ? 0 : reasons.length);
  });

  it('says of every problem what it is, of which camera and since when', () => {
    expect(deviceHealth(facts({}, { drift: { front: frozen, back: wrong } })).problems).toEqual([
      { kind: 'blind', camera: 'front', what: 'frozen', sinceMs: 0 },
      { kind: 'wrong-answer', camera: 'back', what: 'wrong answer to a known frame' },
    ]);
  });
});
