import { describe, expect, it } from 'vitest';
import { deviceHealth, type HealthFacts } from '../../../../src/controller/fleet/device-health.ts';
import type { DriftStatus, Reported } from '../../../../src/protocol/index.ts';

const incident = (kind: 'sensor-fault' | 'scene-change', detail: string): DriftStatus => ({
  state: 'watching',
  signals: [],
  incident: { number: 1, verdict: { kind, detail }, sinceMs: 0 } as NonNullable<DriftStatus['incident']>,
});
const frozen = incident('sensor-fault', 'frozen');
const wrong: DriftStatus = {
  state: 'watching',
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
    ...more,
    reported: { deployment: { state: 'committed' }, pipelines: {}, ...reported },
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
      'when a deployment failed',
      facts({}, { deployment: { state: 'failed', reason: 'no disk' } }),
      ['deployment failed: no disk'],
    ],
    ['ok', 'when no camera is known yet', facts({ cameras: [] }), []],
  ])('is %s %s', (state, _when, known, reasons) => {
    expect(deviceHealth(known)).toEqual({ state, reasons });
  });
});
