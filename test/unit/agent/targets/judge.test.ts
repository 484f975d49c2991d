import { describe, expect, it } from 'vitest';
import { judge } from '../../../../src/agent/targets/judge.ts';
import type { CameraPromise, CameraWindow, Conditions } from '../../../../src/agent/targets/promise.ts';

const window: CameraWindow = {
  ...{ camera: 'front', seconds: 10, enabled: true, given: 300, thinned: 0, published: 150 },
  ...{ p95LatencyMs: 80, detectorMs: 3000, zones: new Map() },
};

describe('What was promised of a camera', () => {
  it.each<[string, Partial<CameraWindow>, CameraPromise, Conditions, string | undefined, string?]>([
    ['is kept', {}, { targetFps: 15, maxLatencyMs: 100 }, {}, undefined],
    ['is kept within what a window can tell', { published: 142 }, { targetFps: 15 }, {}, undefined],
    ['is not judged by a rate that nobody promised', { published: 1 }, { maxLatencyMs: 100 }, {}, undefined],
    [
      'is missed by a camera that gives less',
      { given: 80, published: 80 },
      { targetFps: 15 },
      { throttled: 'heat' },
      'camera',
      '8 of 15 frames/s: the camera gives 8 frames/s',
    ],
    [
      'is missed for the fault of a camera that gives nothing',
      { given: 0, published: 0, fault: 'No such file.' },
      { targetFps: 15 },
      {},
      'fault',
      '0 of 15 frames/s: No such file.',
    ],
    [
      'is missed for the fault of a camera without a model, whatever else the machine does',
      { published: 0, fault: 'This device has no model.' },
      { targetFps: 15 },
      { othersShare: 0.9, throttled: 'heat' },
      'fault',
      '0 of 15 frames/s: This device has no model.',
    ],
    ['is missed by the ladder itself', { thinned: 200, published: 100 }, { targetFps: 15 }, {}, 'ladder'],
    [
      'is not missed by the ladder where frames are late',
      { thinned: 200, published: 100, p95LatencyMs: 300 },
      { targetFps: 15, maxLatencyMs: 100 },
      {},
      'engine',
    ],
    [
      'is missed for heat',
      { published: 100 },
      { targetFps: 15 },
      { throttled: 'heat', celsius: 91.4, powerMode: 'MAXN' },
      'heat',
      '10 of 15 frames/s: the machine slows down for heat (91 °C), power mode MAXN',
    ],
    [
      'is missed while an object is in its zone',
      { published: 100, zones: new Map([['gate', true]]) },
      { targetFps: 15, zone: 'gate' },
      {},
      'engine',
    ],
    [
      'is missed where its zone is not there',
      { published: 100, zones: new Map([['yard', false]]) },
      { targetFps: 15, zone: 'gate' },
      {},
      'engine',
    ],
    [
      'is missed by a camera that cannot tell whether its zone is empty',
      { published: 0 },
      { targetFps: 15, zone: 'gate' },
      {},
      'engine',
    ],
    ['is missed for power', { published: 100 }, { targetFps: 15 }, { throttled: 'power' }, 'power'],
    ['is missed for the load of others', { published: 100 }, { targetFps: 15 }, { othersShare: 0.6 }, 'load'],
    [
      'is missed by an engine that is too slow',
      { published: 100, p95LatencyMs: 140 },
      { targetFps: 15, maxLatencyMs: 100 },
      {},
      'engine',
      '10 of 15 frames/s, latency 140 of 100 ms (p95): the engine is too slow, 30 ms a frame',
    ],
  ])('%s', (_, over, promise, conditions, missed, what) => {
    const verdict = judge({ ...window, ...over }, promise, conditions);
    expect(verdict?.missed).toBe(missed);
    if (what !== undefined) expect(verdict?.what).toBe(what);
  });

  it('is absent if the camera is off or has no target', () => {
    expect(judge({ ...window, enabled: false }, { targetFps: 15 }, {})).toBeUndefined();
    expect(judge(window, {}, {})).toBeUndefined();
  });
});
