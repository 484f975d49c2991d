import { beforeEach, describe, expect, it } from 'vitest';
import { AgentStateStore } from '../../../src/agent/agent-state-store.ts';
import { CameraConfigurator } from '../../../src/agent/camera-configurator.ts';
import type { Deployer } from '../../../src/agent/deployment/deployer.ts';
import { SlotMemory } from '../../../src/agent/deployment/slot-memory.ts';
import { DesiredStateHandler } from '../../../src/agent/desired-state-handler.ts';
import type { AgentEvent } from '../../../src/agent/event-reporter.ts';
import type { SlotSet } from '../../../src/agent/slots/slot-set.ts';
import { silentLog } from '../../../src/base/index.ts';
import { defaultCameraSettings } from '../../../src/perception/index.ts';
import type { Desired, DriftSettings } from '../../../src/protocol/index.ts';
import { FakeClock, settle } from '../../fakes/fake-clock.ts';
import { FakeMemoryStore, modelOf } from '../../fakes/fake-device.ts';
import { FakeDetector, FakePipeline } from '../../fakes/fake-pipeline.ts';

let clock: FakeClock;
let pipeline: FakePipeline;
let stateStore: AgentStateStore;
let handler: DesiredStateHandler;
let events: AgentEvent[];
let ordered: [digest: string, generation: number][];
let superseded: number;
let drift: [camera: string, wanted: DriftSettings][];
let done: number;
let order: () => Promise<void>;

beforeEach(async () => {
  clock = new FakeClock();
  pipeline = new FakePipeline(new FakeDetector('sha256:a'));
  ({ stateStore } = await AgentStateStore.open({
    storage: new FakeMemoryStore(),
    wallMs: () => clock.wallMs(),
    random: () => 0,
    log: silentLog,
  }));
  [events, ordered, superseded, drift, done] = [[], [], 0, [], 0];
  order = async () => {};
  pipeline.configure('front', { iouThreshold: 0.6 });
  const reportEvent = async (event: AgentEvent) => {
    events.push(event);
    return true;
  };
  const deployer = {
    supersede: async () => {
      superseded += 1;
    },
    order: async (model: { digest: string }) => {
      ordered.push([model.digest, stateStore.state.generation]);
      await order();
    },
    refuse: async () => {},
    confirm: async () => {},
  } as unknown as Deployer;
  const main = { name: 'main', memory: new SlotMemory(stateStore, 'main'), deployer };
  handler = new DesiredStateHandler({
    ...{ stateStore, clock, log: silentLog, reportEvent },
    slots: Object.assign([main], { ensure: () => main }) as unknown as SlotSet,
    cameras: new CameraConfigurator({
      ...{ pipeline, stateStore, reportEvent },
      drift: (camera, wanted) => drift.push([camera, wanted]),
    }),
    onDone: () => {
      done += 1;
    },
  });
});

const desired = (generation: number, change: Partial<Desired> = {}): Desired => ({
  ...{ generation, timeMs: clock.wallMs() },
  ...change,
});
const kinds = () => events.map(({ kind }) => kind);
async function take(...all: Desired[]): Promise<void> {
  for (const one of all) handler.take(one);
  await handler.idle();
}

describe('Settings that the fleet wants', () => {
  it('are those of all cameras, with those of the camera on top, on what the device was started with', async () => {
    const pipelines = {
      '*': { scoreThreshold: 0.4, classes: ['car'], drift: { watch: true } },
      front: { scoreThreshold: 0.5 },
    };
    await take(desired(1, { pipelines }));
    const baseline = { ...defaultCameraSettings, iouThreshold: 0.6 };
    expect(pipeline.settings('front')).toEqual({ ...baseline, scoreThreshold: 0.5, classes: ['car'] });
    expect(drift).toEqual([['front', expect.objectContaining({ watch: true })]]);
    expect(stateStore.state).toMatchObject({ generation: 1, pipelines });
    // The whole desired state: what it leaves out goes back.
    await take(desired(2, { pipelines: { front: { enabled: false } } }));
    expect(pipeline.settings('front')).toEqual({ ...baseline, enabled: false });
    await take(desired(3));
    expect(pipeline.settings('front')).toEqual(baseline);
  });

  it('stay on top where the device gets other settings of its own', async () => {
    await take(desired(1, { pipelines: { front: { scoreThreshold: 0.5, drift: { watch: true } } } }));
    const own = { ...defaultCameraSettings, scoreThreshold: 0.9, iouThreshold: 0.7 };
    handler.rebase('front', own);
    expect(pipeline.settings('front')).toEqual({ ...own, scoreThreshold: 0.5 });
    expect(drift.at(-1)).toEqual(['front', { watch: true }]);
    expect(done).toBe(2);
    await take(desired(2));
    expect(pipeline.settings('front')).toEqual(own);
    handler.rebase('nowhere', own);
    expect(done).toBe(3);
  });

  it('and that another order, settings of its own or a reload do not change leave what was set on the device', async () => {
    await take(desired(1, { pipelines: { '*': { scoreThreshold: 0.4 } } }));
    const byHand = { enabled: false, scoreThreshold: 0.7, classes: ['person'] };
    pipeline.configure('front', byHand);
    const of = ({ enabled, scoreThreshold, classes } = pipeline.settings('front')) => ({
      ...{ enabled, scoreThreshold, classes },
    });
    // A rollout: another model, the same settings.
    await take(
      desired(2, { slots: { main: { model: modelOf('b') } }, pipelines: { '*': { scoreThreshold: 0.4 } } }),
    );
    await take(desired(3, { pipelines: { '*': { scoreThreshold: 0.4, iouThreshold: 0.3 } } }));
    handler.rebase('front', { ...defaultCameraSettings, maxDetections: 5 });
    expect(of()).toEqual(byHand);
    expect(pipeline.settings('front')).toMatchObject({ iouThreshold: 0.3, maxDetections: 5 });
    // What it names anew counts, also where the value is that of before.
    await take(desired(4, { pipelines: { front: { enabled: true }, '*': { scoreThreshold: 0.5 } } }));
    expect(of()).toEqual({ enabled: true, scoreThreshold: 0.5, classes: ['person'] });
    pipeline.configure('front', { enabled: false });
    // No longer named, and wanted as before.
    await take(desired(5, { pipelines: { '*': { scoreThreshold: 0.5 } } }));
    expect(of().enabled).toBe(false);
  });

  it('are an event of the camera where they filter its results otherwise than before', async () => {
    // As a device that starts: what it had before is no change.
    await take(desired(1, { pipelines: { front: { scoreThreshold: 0.4 } } }));
    expect(events).toEqual([]);
    await take(desired(2, { pipelines: { front: { scoreThreshold: 0.5, classes: ['person', 'car'] } } }));
    expect(events).toEqual([
      {
        ...{ kind: 'camera.filter-changed', severity: 'info', camera: 'front' },
        message: 'Score threshold: 0.4 -> 0.5; Classes: all -> car, person.',
      },
    ]);
    await take(desired(3, { pipelines: { front: { scoreThreshold: 0.5, classes: ['car', 'person'] } } }));
    await take(desired(4, { pipelines: { front: { scoreThreshold: 7 } } }));
    expect(kinds()).toEqual(['camera.filter-changed', 'desired.settings-refused']);
    await take(desired(5, { pipelines: { front: { enabled: false } } }));
    expect(events.at(-1)?.message).toBe(
      'Detection: on -> off; Score threshold: 0.5 -> 0.25; Classes: car, person -> all.',
    );
  });

  it('are zones and lines too, which go with the order that names none', async () => {
    const zone = (y: number) => ({
      zones: {
        gate: {
          points: [
            [0, 0],
            [1, 0],
            [1, y],
          ] as [number, number][],
        },
      },
    });
    const own = { ...defaultCameraSettings, rules: zone(1) };
    handler.rebase('front', own);
    await take(desired(1, { pipelines: { front: { rules: zone(0.5) } } }));
    expect(pipeline.settings('front').rules).toEqual(zone(0.5));
    await take(desired(2));
    expect(pipeline.settings('front').rules).toEqual(zone(1));
  });

  it('and that were refused are set with the next order that fits', async () => {
    await take(desired(1, { pipelines: { front: { scoreThreshold: 7, enabled: false } } }));
    expect(pipeline.settings('front')).toMatchObject({ scoreThreshold: 0.25, enabled: true });
    await take(desired(2, { pipelines: { front: { scoreThreshold: 0.7, enabled: false } } }));
    expect(pipeline.settings('front')).toMatchObject({ scoreThreshold: 0.7, enabled: false });
  });

  it('for a camera that is not there are told, and the others are set', async () => {
    await take(desired(1, { pipelines: { side: { enabled: false }, front: { enabled: false } } }));
    expect(events).toMatchObject([{ kind: 'desired.camera-unknown', severity: 'warning' }]);
    expect(events[0]?.message).toMatch(/side.*front/);
    expect(pipeline.settings('front').enabled).toBe(false);
  });

  it('that do not fit are refused with the camera, and the order counts as followed', async () => {
    await take(desired(1, { pipelines: { front: { scoreThreshold: 7 } } }));
    expect(events).toMatchObject([{ kind: 'desired.settings-refused', severity: 'error', camera: 'front' }]);
    expect(stateStore.state.generation).toBe(1);
    expect(done).toBe(1);
  });
});

describe('Orders', () => {
  it('that were followed before, or are older, do nothing', async () => {
    await take(desired(3), desired(3), desired(2));
    expect(done).toBe(1);
    await take(desired(3, { slots: { main: { model: modelOf('b') } } }));
    expect([ordered, done]).toEqual([[], 1]);
  });

  it('that came while one is followed are one: the newest', async () => {
    let release = () => {};
    order = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    handler.take(desired(1, { slots: { main: { model: modelOf('b') } } }));
    await settle();
    for (const [generation, letter] of [
      [2, 'c'],
      [4, 'e'],
      [3, 'd'],
    ] as const)
      handler.take(desired(generation, { slots: { main: { model: modelOf(letter) } } }));
    release();
    await settle();
    release();
    await handler.idle();
    expect(ordered.map(([digest]) => digest)).toEqual([modelOf('b').digest, modelOf('e').digest]);
    expect(done).toBe(2);
  });

  it('for a model are handed over with their settings set first, and the generation is not done before the model is', async () => {
    await take(
      desired(5, { slots: { main: { model: modelOf('b') } }, pipelines: { front: { enabled: false } } }),
    );
    expect(ordered).toEqual([[modelOf('b').digest, 0]]);
    expect(pipeline.settings('front').enabled).toBe(false);
    expect(stateStore.state.generation).toBe(5);
    expect(superseded).toBe(0);
  });

  it('for another model end the deployment under way first', async () => {
    await stateStore.update({
      slots: { main: { deployment: { state: 'downloading', model: modelOf('b'), restarts: 0 } } },
    });
    await take(desired(1, { slots: { main: { model: modelOf('c') } } }));
    expect([superseded, ordered.length]).toEqual([1, 1]);
  });

  it('for a model that came too late are answered and not followed, and their settings are set', async () => {
    const main = { model: modelOf('b'), expiresAtMs: clock.wallMs() };
    await take(desired(1, { slots: { main }, pipelines: { front: { enabled: false } } }));
    expect(pipeline.settings('front').enabled).toBe(false);
    expect(kinds()).toEqual(['desired.expired']);
    expect(events[0]).toMatchObject({ severity: 'warning', data: { generation: 1 } });
    expect(ordered).toEqual([]);
    expect(stateStore.state.generation).toBe(1);
  });

  it('that fail do not keep the next one', async () => {
    order = () => Promise.reject(new Error('out of memory'));
    await take(desired(1, { slots: { main: { model: modelOf('b') } } }));
    await take(desired(2));
    expect(done).toBe(2);
    expect(stateStore.state.generation).toBe(2);
  });
});
