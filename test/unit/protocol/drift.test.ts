import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/index.ts';
import {
  checkCallResult,
  type DriftEventData,
  type DriftStatus,
  decodeCall,
  decodePayload,
  encodeCall,
  encodePayload,
  frameChunkBytes,
  type HardFrame,
  maxBytesOf,
  readDriftEvent,
  readKnownAnswer,
} from '../../../src/protocol/index.ts';
import { digest, samples } from './samples.ts';

const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const data: DriftEventData = {
  incident: 2,
  verdict: { kind: 'scene-change', detail: 'hazier' },
  grade: 'alarm',
  secondsSinceFirstSign: 4.5,
  signals: [{ name: 'offset', value: 0.2, usual: 0, deviations: 9.5, logRunLengthS: 31 }],
  view: { width: 64, height: 36, grey: 'AAAA' },
  modelDigest: digest,
  profileDigest: digest,
  frame: 'm1x2y3-0',
};

const status: DriftStatus = {
  state: 'watching',
  watched: ['sensor', 'scene', 'model'],
  profile: { digest, modelDigest: digest, seconds: 3600 },
  learn: { order: 'first', state: 'done', progress: 1 },
  incident: { number: 2, verdict: data.verdict, sinceMs: 1_790_000_000_000, grade: 'alarm' },
  knownAnswer: { timeMs: 1_790_000_000_000, right: true, agreement: 1 },
  hardFrames: { count: 3, bytes: 120_000 },
  signals: [{ name: 'brightness', value: 0.5, usual: 0.4, deviations: 1.5 }],
};

const hardFrame: HardFrame = {
  id: 'm1x2y3-0',
  camera: 'front',
  timeMs: 1_790_000_000_000,
  reason: 'alarm',
  width: 640,
  height: 360,
  bytes: 40_000,
  blurred: ['person'],
  modelDigest: digest,
  detections: [{ label: 'car', score: 0.9, box: [1, 2, 30, 40] }],
};

describe('Drift in desired and reported', () => {
  it('comes back as it went in', () => {
    const drift = {
      watch: true,
      falseAlarmDays: 30,
      learn: { order: 'first', hours: 4, timesOfDay: 2 },
      frames: { keep: true, maxBytes: 50_000_000, bytesPerDay: 10_000_000, margin: 0.05, blur: true },
    };
    const desired = { ...samples.desired, pipelines: { '*': { drift } } };
    expect(decodePayload('desired', encodePayload('desired', desired), 't')).toEqual(desired);
    const reported = { ...samples.reported, drift: { front: status } };
    expect(decodePayload('reported', encodePayload('reported', reported), 't')).toEqual(reported);
  });

  it.each([
    [{ learn: { order: '', hours: 1 } }, /learn\/order/],
    [{ learn: { order: 'a', hours: 0.1 } }, /learn\/hours/],
    [{ falseAlarmDays: 0 }, /falseAlarmDays/],
    [{ frames: { margin: 2 } }, /frames\/margin/],
    [{ frames: { bytesPerDay: -1 } }, /frames\/bytesPerDay/],
  ])('refuses the order %j and names the place', (drift, place) => {
    const desired = text({ ...samples.desired, pipelines: { front: { drift } } });
    expect(() => decodePayload('desired', desired, 't')).toThrow(place);
  });

  it('refuses a status that no device sends', () => {
    const wrong = text({ ...samples.reported, drift: { front: { ...status, state: 'guessing' } } });
    expect(() => decodePayload('reported', wrong, 't')).toThrow(InputError);
  });
});

describe('A drift event', () => {
  it('is read from an event of its kind', () => {
    for (const kind of ['drift.alarm', 'drift.changed', 'drift.cleared'])
      expect(readDriftEvent({ kind, data })).toEqual(data);
    expect(readDriftEvent({ kind: 'camera.fault', data })).toBeUndefined();
  });

  it('is nothing where its data is not what was promised, whatever it is', () => {
    expect(readDriftEvent({ kind: 'drift.alarm' })).toBeUndefined();
    expect(readDriftEvent({ kind: 'drift.alarm', data: { ...data, verdict: 'fog' } })).toBeUndefined();
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        expect(readDriftEvent({ kind: 'drift.alarm', data: anything })).toBeUndefined();
      }),
    );
  });
});

describe('A known answer', () => {
  it('is read from an event of its kind, and only if it is one', () => {
    const answer = {
      modelDigest: digest,
      engine: 'onnxruntime',
      frame: '03.png',
      agreement: 0.5,
      wanted: 0.9,
    };
    expect(readKnownAnswer({ kind: 'model.wrong-answer', data: answer })).toEqual(answer);
    expect(readKnownAnswer({ kind: 'drift.alarm', data: answer })).toBeUndefined();
    expect(
      readKnownAnswer({ kind: 'model.wrong-answer', data: { ...answer, agreement: 2 } }),
    ).toBeUndefined();
  });
});

describe('Calls for hard frames', () => {
  it('come back as they went in', () => {
    const list = { camera: 'front', after: 'm1x2y3-0', limit: 20 };
    expect(decodeCall('frames', encodeCall('frames', list), 't')).toEqual(list);
    const fetch = { id: 'm1x2y3-0', offset: 131_072 };
    expect(decodeCall('frame', encodeCall('frame', fetch), 't')).toEqual(fetch);
  });

  it.each(['../secret', 'a/b-1', 'a', '', 'A-B', `${'a'.repeat(17)}-0`])(
    'refuse %j as the id of a frame: it becomes a file name',
    (id) => {
      expect(() => decodeCall('frame', text({ id, offset: 0 }), 't')).toThrow(/\/id/);
    },
  );

  it('have room for the largest answers', () => {
    const jpeg = Buffer.alloc(frameChunkBytes, 1).toString('base64');
    const piece = { ok: true as const, result: { size: 1e6, jpeg } };
    expect(encodePayload('response', piece).byteLength).toBeLessThan(maxBytesOf('response'));
    expect(checkCallResult('frame', piece.result, 't')).toEqual(piece.result);
    const name = 'x'.repeat(128);
    const box: [number, number, number, number] = [1234.56, 1234.56, 1234.56, 1234.56];
    const full = {
      ...hardFrame,
      blurred: [],
      detections: Array.from({ length: 100 }, () => ({ label: 'articulated-lorry', score: 0.123, box })),
    };
    const page = { frames: Array(20).fill(full), more: true, total: { count: 1e6, bytes: 1e12 } };
    expect(checkCallResult('frames', page, 't')).toEqual(page);
    expect(encodePayload('response', { ok: true, result: page }).byteLength).toBeLessThan(
      maxBytesOf('response'),
    );
    expect(() =>
      checkCallResult('frames', { ...page, frames: [{ ...full, camera: `${name}x` }] }, 't'),
    ).toThrow(InputError);
  });
});
