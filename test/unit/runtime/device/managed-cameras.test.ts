import { describe, expect, it } from 'vitest';
import { Pipeline } from '../../../../src/perception/index.ts';
import { ManagedCameras } from '../../../../src/runtime/device/managed-cameras.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeDetector } from '../../../fakes/fake-pipeline.ts';
import { FakeSource } from '../../perception/fakes.ts';

let pipeline: Pipeline;
let source: FakeSource;

async function agent(autoActivate: boolean) {
  const cameras = new ManagedCameras(autoActivate);
  pipeline = new Pipeline({ detector: new FakeDetector('sha256:0'), sinks: [], clock: new FakeClock() });
  source = new FakeSource('front');
  await pipeline.add(cameras.add(source));
  cameras.restAll(pipeline);
  await pipeline.start();
  return cameras.work(pipeline);
}

const state = () => ({ open: source.receiver !== undefined, enabled: pipeline.settings('front').enabled });

describe('The published cameras of an agent', () => {
  it('run from the start, and rest from deactivate to activate', async () => {
    const work = await agent(true);
    expect(state()).toEqual({ open: true, enabled: true });
    await work.deactivate();
    expect(state()).toEqual({ open: false, enabled: false });
    await work.activate();
    expect(state()).toEqual({ open: true, enabled: true });
  });

  it('wait for the first activate where a manager is to come', async () => {
    const work = await agent(false);
    expect(state()).toEqual({ open: false, enabled: false });
    await work.configure();
    expect(state().open).toBe(false);
    await work.activate();
    expect(state()).toEqual({ open: true, enabled: true });
  });

  it('stay off after activate where somebody had switched them off, and end with shutdown', async () => {
    const work = await agent(true);
    pipeline.configure('front', { enabled: false });
    await work.deactivate();
    await work.activate();
    expect(state()).toEqual({ open: true, enabled: false });
    await work.shutdown();
    expect(state().open).toBe(false);
  });
});
