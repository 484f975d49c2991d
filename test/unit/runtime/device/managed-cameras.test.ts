import { describe, expect, it } from 'vitest';
import type { AgentStateStore } from '../../../../src/agent/agent-state-store.ts';
import { CameraConfigurator } from '../../../../src/agent/camera-configurator.ts';
import { defaultCameraSettings, Pipeline } from '../../../../src/perception/index.ts';
import type { Desired } from '../../../../src/protocol/index.ts';
import { ManagedCameras } from '../../../../src/runtime/device/managed-cameras.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeDetector } from '../../../fakes/fake-pipeline.ts';
import { FakeSource } from '../../perception/fakes.ts';

let pipeline: Pipeline;
let source: FakeSource;
let rear: FakeSource;
let orders: CameraConfigurator;
let wanted: NonNullable<Desired['pipelines']>;

/** As an agent starts: its cameras, the life cycle, what looks after the fleet's orders. */
async function agent(autoActivate: boolean) {
  const cameras = new ManagedCameras(autoActivate);
  pipeline = new Pipeline({ detector: new FakeDetector('sha256:0'), sinks: [], clock: new FakeClock() });
  source = new FakeSource('front');
  await pipeline.add(cameras.add(source));
  rear = new FakeSource('rear');
  await pipeline.add(cameras.add(rear));
  cameras.restAll(pipeline);
  wanted = {};
  const state = {
    slots: {},
    get pipelines() {
      return wanted;
    },
  };
  orders = new CameraConfigurator({
    ...{ pipeline, stateStore: { state } as unknown as AgentStateStore },
    ...{ reportEvent: async () => true, drift: () => {} },
  });
  orders.apply();
  await pipeline.start();
  return cameras.work(pipeline);
}

/** `enabled`: as the fleet, the targets and whoever watches over the process see it. */
const state = () => ({
  open: source.receiver !== undefined,
  enabled: pipeline.stats().cameras[0]!.settings.enabled,
});
const runs = { open: true, enabled: true };
const rests = { open: false, enabled: false };
const off = { open: true, enabled: false };

function order(pipelines: typeof wanted): void {
  wanted = pipelines;
  orders.apply();
}

describe('The published cameras of an agent', () => {
  it('run from the start, and rest from deactivate to activate', async () => {
    const work = await agent(true);
    expect(state()).toEqual(runs);
    await work.deactivate();
    expect(state()).toEqual(rests);
    await work.activate();
    expect(state()).toEqual(runs);
  });

  it('wait for the first activate where a manager is to come', async () => {
    const work = await agent(false);
    expect(state()).toEqual(rests);
    await work.configure();
    expect(state().open).toBe(false);
    await work.activate();
    expect(state()).toEqual(runs);
  });

  it('stay off after activate where somebody had switched them off, and end with shutdown', async () => {
    const work = await agent(true);
    pipeline.configure('front', { enabled: false });
    await work.deactivate();
    await work.activate();
    expect(state()).toEqual(off);
    await work.shutdown();
    expect(state().open).toBe(false);
  });

  it('all rest where one of them cannot be closed, and say so', async () => {
    const work = await agent(true);
    source.close = () => Promise.reject(new Error('stuck'));
    await expect(work.deactivate()).rejects.toThrow('stuck');
    expect(pipeline.stats().cameras.map(({ settings }) => settings.enabled)).toEqual([false, false]);
    expect(rear.receiver).toBeUndefined();
  });

  it('tell why one of them cannot be opened, also where another one cannot be closed', async () => {
    const work = await agent(false);
    source.close = () => Promise.reject(new Error('stuck'));
    rear.openError = new Error('no such camera');
    await expect(work.activate()).rejects.toThrow('no such camera');
    expect(pipeline.stats().cameras.map(({ settings }) => settings.enabled)).toEqual([false, false]);
  });

  it('rest again where one of them cannot be opened', async () => {
    const work = await agent(false);
    source.openError = new Error('no such camera');
    await expect(work.activate()).rejects.toThrow('no such camera');
    expect(state()).toEqual(rests);
  });
});

describe('An order of the fleet', () => {
  it('leaves a camera on that was activated by a manager', async () => {
    const work = await agent(false);
    await work.activate();
    order({ '*': { scoreThreshold: 0.4 } });
    expect(state()).toEqual(runs);
    order({ front: { enabled: false } });
    order({});
    expect(state()).toEqual(runs);
  });

  it('switches a camera off again that somebody switched on, each time it says so, and none on again', async () => {
    await agent(true);
    order({ front: { enabled: false, scoreThreshold: 0.4 } });
    pipeline.configure('front', { enabled: true, scoreThreshold: 0.7 });
    order({ front: { enabled: false, scoreThreshold: 0.4 } });
    expect(state()).toEqual(off);
    expect(pipeline.settings('front').scoreThreshold).toBe(0.7);
    order({ front: { enabled: true } });
    pipeline.configure('front', { enabled: false });
    order({ front: { enabled: true } });
    expect(state()).toEqual(off);
  });

  it('wakes no camera that rests, nor do other settings of its own; it counts from activate on', async () => {
    const work = await agent(true);
    await work.deactivate();
    order({ front: { enabled: true, scoreThreshold: 0.4 } });
    orders.rebase('front', { ...defaultCameraSettings, iouThreshold: 0.3 });
    expect(state()).toEqual(rests);
    await work.activate();
    expect(state()).toEqual(runs);
    expect(pipeline.settings('front')).toMatchObject({ scoreThreshold: 0.4, iouThreshold: 0.3 });
  });

  it.each(['the fleet', 'the graph'])(
    'or of the graph that switches it off while it rests holds after activate: by %s',
    async (who) => {
      const work = await agent(true);
      await work.deactivate();
      if (who === 'the fleet') order({ front: { enabled: false } });
      else pipeline.configure('front', { enabled: false });
      await work.activate();
      expect(state()).toEqual(off);
      if (who === 'the fleet') order({ front: { enabled: true } });
      else pipeline.configure('front', { enabled: true });
      expect(state()).toEqual(runs);
    },
  );
});
