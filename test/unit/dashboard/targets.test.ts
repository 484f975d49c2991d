import { expect, it } from 'vitest';
import { targetRows } from '../../../src/dashboard/device/targets.ts';
import { metricNames } from '../../../src/protocol/index.ts';

it('Targets are shown of cameras of which something was promised, with what they reach and why not', () => {
  const metric = (name: string, camera: string, value: number) => ({ name, labels: { camera }, value });
  const detail = {
    reported: {
      cameras: {
        front: {
          targetFps: 15,
          maxLatencyMs: 100,
          missed: { reason: 'heat', what: '9 of 15 frames/s: heat' },
        },
        rear: { targetFps: 7.5 },
        side: {},
      },
    },
    metrics: [
      metric(metricNames.fps, 'front', 9.04),
      metric(metricNames.targetKept, 'front', 0),
      metric(metricNames.targetKept, 'rear', 1),
    ],
  };
  expect(targetRows(detail as never)).toEqual([
    {
      camera: 'front',
      reachedFps: 9.04,
      target: '15 frames/s, 100 ms',
      kept: false,
      what: '9 of 15 frames/s: heat',
    },
    { camera: 'rear', reachedFps: undefined, target: '7.5 frames/s', kept: true, what: undefined },
  ]);
  expect(targetRows({ metrics: [] })).toEqual([]);
});
