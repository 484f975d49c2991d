import { expect, it } from 'vitest';
import type { AgentEvent } from '../../../../src/agent/index.ts';
import { GoshawkError } from '../../../../src/base/index.ts';
import { DeviceLiveness } from '../../../../src/runtime/device/liveness.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeDetector, FakePipeline } from '../../../fakes/fake-pipeline.ts';

it('A device is healthy while its camera gives frames or its source says that it is gone; else that is told once', () => {
  const clock = new FakeClock();
  const pipeline = new FakePipeline(new FakeDetector('sha256:a'));
  const events: AgentEvent[] = [];
  const settings = { cameras: { front: { source: 'sim' } }, answerTimeoutSeconds: 30, stallSeconds: 60 };
  const liveness = new DeviceLiveness(settings as never, {
    ...{ clock, reportEvent: (event) => events.push(event) },
    live: () => pipeline as never,
  });
  const pass = (seconds: number, frames: number) => {
    for (let i = 0; i < seconds / 5; i++) {
      pipeline.received += frames;
      pipeline.processed += frames;
      clock.advance(5000);
    }
  };
  pass(60, 150);
  expect(liveness.healthy).toBe(true);
  expect(liveness.status()).toBe('1 of 1 cameras give results');
  pass(300, 0);
  expect(liveness.healthy).toBe(false);
  expect(events).toMatchObject([{ kind: 'agent.unhealthy', severity: 'critical' }]);
  const error = new GoshawkError('camera-open', 'It is gone.', 'Look for it.');
  liveness.note({ kind: 'lost', camera: 'front', error });
  pass(300, 0);
  expect(liveness.healthy).toBe(true);
  liveness.close();
  expect(clock.pending).toBe(0);
});
