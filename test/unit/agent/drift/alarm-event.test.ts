import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alarmEvent, short, wireVerdict } from '../../../../src/agent/drift/alarm-event.ts';
import type { DriftAlarm } from '../../../../src/drift/index.ts';
import { sceneChanges, sensorFaults } from '../../../../src/drift/verdict/verdict.ts';
import { thumbnailHeight, thumbnailWidth } from '../../../../src/perception/index.ts';
import { decodePayload, encodePayload } from '../../../../src/protocol/index.ts';

const alarm: DriftAlarm = {
  incident: 1,
  phase: 'raised',
  verdict: { kind: 'scene-change', change: 'hazier' },
  grade: 'alarm',
  expectedLoss: 0.123456,
  expectedLossRange: [0.01, 0.4],
  message: 'scene change: hazier',
  atMs: 12_345,
  sinceMs: 10_000,
  signals: [{ name: 'contrast', value: 0.123456, usual: 0.2, deviations: -9.87654, logRunLengthS: 14 }],
  view: new Uint8Array(thumbnailWidth * thumbnailHeight).fill(7),
};
const context = {
  camera: 'front',
  incident: 4,
  modelDigest: undefined,
  profileDigest: undefined,
  frame: undefined,
};
const of = (change: Partial<DriftAlarm> = {}) => alarmEvent({ ...alarm, ...change }, context);

describe('An alarm as the fleet reads it', () => {
  it.each([
    ['raised', 'drift.alarm', 'scene change: hazier', 'warning'],
    ['changed', 'drift.changed', 'scene change: hazier', 'warning'],
    ['cleared', 'drift.cleared', 'Over: scene change: hazier', 'info'],
  ] as const)('that is %s is %s', (phase, kind, message, severity) => {
    expect(of({ phase })).toMatchObject({ kind, message, severity, camera: 'front' });
  });

  it.each([
    ['alarm', { kind: 'sensor-fault', fault: 'frozen' }, 'raised', 'error'],
    ['alarm', { kind: 'scene-change', change: 'hazier' }, 'raised', 'warning'],
    ['alarm', { kind: 'model-regression' }, 'changed', 'warning'],
    ['notice', { kind: 'sensor-fault', fault: 'frozen' }, 'raised', 'info'],
    ['notice', { kind: 'label-shift' }, 'changed', 'info'],
    ['alarm', { kind: 'sensor-fault', fault: 'frozen' }, 'cleared', 'info'],
  ] as const)('as %s of %j, %s, calls with %s', (grade, verdict, phase, severity) => {
    expect(of({ grade, verdict, phase }).severity).toBe(severity);
  });

  it('has numbers of four digits, the time since the first sign, and the incident of the agent', () => {
    expect(of().data).toMatchObject({
      ...{ incident: 4, expectedLoss: 0.1235, secondsSinceFirstSign: 2.3 },
      signals: [{ name: 'contrast', value: 0.1235, usual: 0.2, deviations: -9.877, logRunLengthS: 14 }],
      view: { width: thumbnailWidth, height: thumbnailHeight, grey: expect.any(String) },
    });
    expect(of({ sinceMs: 20_000 }).data).toMatchObject({ secondsSinceFirstSign: 0 });
  });

  it('leaves out what is not known', () => {
    const nothing = of({
      ...{ expectedLoss: undefined, view: undefined },
      signals: [
        { ...alarm.signals[0]!, usual: Number.NaN },
        { ...alarm.signals[0]!, usual: undefined },
      ],
    }).data as { signals: object[] };
    for (const name of ['expectedLoss', 'view', 'modelDigest', 'profileDigest', 'frame'])
      expect(nothing).not.toHaveProperty(name);
    for (const signal of nothing.signals) expect(signal).not.toHaveProperty('usual');
    const digest = `sha256:${'a'.repeat(64)}`;
    const known = { ...context, modelDigest: digest, profileDigest: digest, frame: '1-0' };
    expect(alarmEvent(alarm, known).data).toMatchObject({
      modelDigest: digest,
      profileDigest: digest,
      frame: '1-0',
    });
  });

  it('passes the wire whatever its numbers are', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0));
    const signal = fc.record({
      ...{ name: fc.constant('contrast'), value: number, usual: fc.option(number, { nil: undefined }) },
      ...{ deviations: number, logRunLengthS: number },
    });
    fc.assert(
      fc.property(fc.array(signal, { maxLength: 8 }), number, (signals, atMs) => {
        const event = alarmEvent({ ...alarm, signals, atMs: Number.isFinite(atMs) ? atMs : 0 }, context);
        const payload = encodePayload('events', {
          ...{ id: 'event-0001', entry: 1, session: 1, timeMs: 1 },
          ...event,
          data: { ...event.data },
        });
        expect(decodePayload('events', payload, 'x').kind).toBe('drift.alarm');
      }),
    );
  });
});

describe('A number that is shortened', () => {
  it('keeps four digits, and is 0 where it is none', () => {
    expect([0, 1234.5678, -0.000012346, 1e20, Number.NaN, Number.NEGATIVE_INFINITY].map(short)).toEqual([
      0, 1235, -0.00001235, 1e20, 0, 0,
    ]);
  });
});

describe('A verdict on the wire', () => {
  it('has one word more for faults and changes, each its own', () => {
    const said = [
      ...sensorFaults.map((fault) => wireVerdict({ kind: 'sensor-fault', fault })),
      ...sceneChanges.map((change) => wireVerdict({ kind: 'scene-change', change })),
    ].map(({ kind, detail }) => `${kind} ${detail}`);
    expect(new Set(said).size).toBe(sensorFaults.length + sceneChanges.length);
    expect(wireVerdict({ kind: 'model-regression' })).toEqual({ kind: 'model-regression' });
  });
});
