import { describe, expect, test } from 'vitest';
import { type DeviceOutcome, demoProblems } from '../../../../src/runtime/demo/verdict.ts';

const camera = {
  camera: 'north',
  ...{ received: 90, processed: 80, superseded: 10, dropped: {}, detections: 40 },
  ...{ framesPerSecond: 15, latencyP50Ms: 9, latencyP99Ms: 20 },
};

function outcome(
  change: Partial<Omit<DeviceOutcome, 'summary'>> = {},
  cameraChange: Partial<typeof camera> = {},
): DeviceOutcome {
  return {
    device: 'gate',
    framesKnown: 80,
    modelProblem: undefined,
    lastWords: '',
    ...change,
    summary: {
      ...{ device: 'gate', engine: 'onnxruntime', precision: 'fp32', model: 'street', version: '1.0.0' },
      ...{ digest: 'sha256:00', outboxEntries: 0, cameras: [{ ...camera, ...cameraChange }] },
    },
  };
}

describe('why a demo failed', () => {
  const modelProblem = 'This device has no model. street 1.0.0 is damaged.';
  test.each<readonly [string, DeviceOutcome, readonly string[]]>([
    ['nothing, where it perceived and the controller knows', outcome(), []],
    [
      'the model, where the device said so',
      outcome({ modelProblem }, { processed: 0, detections: 0 }),
      [`gate: ${modelProblem}`],
    ],
    ['no model, where one was missing and came in time', outcome({ modelProblem }), []],
    [
      'a machine that is too slow',
      outcome({}, { processed: 0, detections: 0, received: 3 }),
      [
        'gate: no frame of camera north was processed, 3 came. On a slow machine give it more time: --duration 60s.',
      ],
    ],
    [
      'a model that finds nothing',
      outcome({}, { detections: 0 }),
      ['gate: model street found no object in 80 frames of camera north.'],
    ],
    ['silence', outcome({ framesKnown: 0 }), ['gate: the controller received no frame counts.']],
    [
      'a device that had to be killed',
      { ...outcome({ lastWords: 'Segmentation fault' }), summary: undefined },
      ['gate did not end in order: Segmentation fault'],
    ],
  ])('%s', (_what, device, problems) => {
    expect(demoProblems([device])).toEqual(problems);
  });
});
