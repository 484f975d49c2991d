import { expect, it } from 'vitest';
import { silentLog } from '../../../../src/base/index.ts';
import { SlotEngines } from '../../../../src/runtime/device/slot-engines.ts';
import { promisesOf, startTargets } from '../../../../src/runtime/device/targets.ts';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { checkSettings } from '../../../../src/runtime/settings/read.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const settingsWith = (more: object) =>
  checkSettings(
    AgentSettings,
    {
      ...{ device: 'd1', dataDir: '/data', broker: { url: 'mqtt://127.0.0.1' } },
      cameras: {
        front: { source: 'sim', fps: 30, targetFps: 15, maxLatencyMs: 120 },
        topic: { source: 'ros:/camera/image_raw' },
      },
      ...more,
    },
    'test',
  );

it('What was promised of a camera is its rate and its latency; a topic without either has no promise', () => {
  expect(Object.fromEntries(promisesOf(settingsWith({}).cameras))).toEqual({
    front: { targetFps: 15, maxLatencyMs: 120 },
    topic: {},
  });
});

it('A step that names a camera that is not there is refused with those that are', () => {
  const clock = new FakeClock();
  const wiring = {
    ...{ clock, log: silentLog, reportEvent: () => {}, live: () => undefined },
    board: async () => ({ temperatures: [], power: [] }),
    engines: new SlotEngines(() => ({}) as never),
  };
  const steps = [{ step: 'off', cameras: ['rear'] }];
  expect(() => startTargets(settingsWith({ ladder: { steps } }), wiring)).toThrow('"rear"');
  expect(clock.pending).toBe(0);
  const service = startTargets(settingsWith({ ladder: { steps: [{ step: 'pace' }] } }), wiring);
  expect(service.ladder).toEqual({ level: 0, steps: 1, taken: [] });
  service.close();
});

it.each([
  [{ step: 'pace', frames: 2 }],
  [{ step: 'every' }],
  [{ step: 'every', frames: 1 }],
  [{ step: 'slot', slot: 'Light' }],
  [{ step: 'faster' }],
])('The step %j is refused', (step) => {
  expect(() => settingsWith({ ladder: { steps: [step] } })).toThrow();
});
