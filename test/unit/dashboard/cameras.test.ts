import { expect, it } from 'vitest';
import { cameraRows } from '../../../src/dashboard/device/cameras.ts';
import { metricNames } from '../../../src/protocol/index.ts';

const metric = (name: string, camera: string, value: number) => ({ name, labels: { camera }, value });

it('Every camera that is reported is shown, with what is known of it alone', () => {
  const problem = { kind: 'blind', camera: 'blocked', what: 'frozen', sinceMs: 7 };
  const detail = {
    summary: { online: true, health: { state: 'degraded', reasons: [], problems: [problem] } },
    reported: {
      cameras: {
        front: { targetFps: 15, connects: 2, connectedSinceMs: 5000 },
        rear: {
          connects: 3,
          fault: 'No picture comes. Look at the cable.',
          missed: { reason: 'fault', what: '0 of 15 frames/s: no picture' },
          graph: [{ node: 'plates', problem: 'It cuts out "truck".' }],
          refused: 'A circle.',
        },
        side: { leftOut: true },
        replay: {},
        blocked: {},
      },
    },
    metrics: [
      metric(metricNames.received, 'front', 100),
      metric(metricNames.cameraBytes, 'front', 2_000_000),
      metric(metricNames.cameraDecodeErrors, 'front', 1),
      metric(metricNames.cameraFrameAge, 'front', 0.1),
      metric(metricNames.fps, 'front', 14.9),
    ],
  };
  const rows = cameraRows(detail as never);
  expect(rows.map(({ camera, state }) => [camera, state])).toEqual([
    ['front', 'ok'],
    ['rear', 'fault'],
    ['side', 'off'],
    ['replay', 'ok'],
    ['blocked', 'blind'],
  ]);
  expect(rows[0]).toMatchObject({
    ...{ connected: { sinceMs: 5000, connects: 2 }, frames: 100, bytes: 2_000_000, decodeErrors: 1 },
    ...{ lastFrameAgeS: 0.1, reachedFps: 14.9, targetFps: 15, notes: [] },
  });
  expect(rows[1]).toMatchObject({ connected: { sinceMs: undefined, connects: 3 } });
  expect(rows[1]?.notes).toEqual([
    'No picture comes. Look at the cable.',
    'The target is missed, 0 of 15 frames/s: no picture.',
    'Node plates: It cuts out "truck".',
    'Settings refused: A circle.',
  ]);
  expect(rows[3]).toMatchObject({ connected: undefined, frames: undefined, bytes: undefined });
  expect(rows[4]?.notes).toEqual(['It sees nothing: frozen.']);
  expect(cameraRows({ ...detail, reported: undefined } as never)).toEqual([]);
});
