import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineCacheManager, type EngineCacheManagerOptions } from '../../device/native/index.ts';
import { pluginPath } from '../../native/index.ts';
import { type AgentEvent, EngineSupervisor, engineEvent, type ModelCheck } from '../../src/agent/index.ts';
import { RefusedError, silentLog } from '../../src/base/index.ts';
import type { Bundle } from '../../src/model/index.ts';
import type { Detector } from '../../src/perception/index.ts';
import { MachineEngines } from '../../src/runtime/engines/machine-engines.ts';
import { referenceModel } from '../conformance/engine-models.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { FakeClock, settle } from '../fakes/fake-clock.ts';
import { FakeDevice, modelOf } from '../fakes/fake-device.ts';
import { FakeBroker } from '../fakes/fake-transport.ts';
import { headOf } from '../fixtures/head.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';

const why = missingPlugin('reference') ?? missingPlugin('onnxruntime');
const onnx = path.join(import.meta.dirname, '../fixtures/native/fixed.onnx');
const b = modelOf('b', '2');

/** TensorRT prefers the integers, which here are a text that only the reference engine reads; ONNX Runtime takes fp32. */
function bundleAt(folder: string, kinds: readonly ('qdq-s8' | 'fp32')[] = ['qdq-s8', 'fp32']): Bundle {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'qdq-s8.onnx'), referenceModel('fixed'));
  copyFileSync(onnx, path.join(folder, 'fp32.onnx'));
  const tiny = tinyManifest();
  const manifest = tinyManifest({
    name: 'street',
    version: '2',
    labels: ['car', 'person'],
    input: { ...tiny.input, width: 64, height: 64, colorOrder: 'rgb', fit: 'stretch' },
    output: headOf('yolov5', 2),
    variants: kinds.map((kind) => ({
      kind,
      file: { path: `${kind}.onnx`, digest: `sha256:${(kind === 'fp32' ? 'e' : 'f').repeat(64)}`, size: 1 },
    })),
  });
  return { digest: b.digest, manifest, location: folder };
}

/** The reference engine stands for TensorRT behind the same C ABI; everything above it is what a device runs. */
describe.skipIf(why !== undefined)(titled('Engines over the life of an agent', why), () => {
  let folder: string;
  let clock: FakeClock;
  let device: FakeDevice;
  let told: AgentEvent[];
  let life: EngineSupervisor | undefined;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'goshawk-engine-life-'));
    clock = new FakeClock();
    device = new FakeDevice(new FakeBroker(clock), clock);
    told = [];
  });
  afterEach(async () => {
    await life?.close();
    life = undefined;
  });

  const engines = () => path.join(folder, 'engines');
  const kinds = () => told.map(({ kind }) => kind);
  const messageOf = (kind: string) => told.find((one) => one.kind === kind)?.message ?? '';
  const state = () => device.agent.slots.main?.deployment.state;

  function live(
    faults: Readonly<Record<string, string>> = {},
    more: {
      plans?: EngineCacheManagerOptions;
      folder?: string;
      check?: ModelCheck;
    } = {},
  ): { life: EngineSupervisor; plans: EngineCacheManager } {
    const plans = new EngineCacheManager(more.folder ?? engines(), {
      plugin: pluginPath('reference') ?? '',
      deviceOptions: faults,
      onBuildEvent: (news) => told.push(engineEvent(news)),
      ...more.plans,
    });
    const there = (engine: 'tensorrt' | 'onnxruntime') => ({
      engine,
      available: true,
      detail: '',
      remedy: '',
    });
    life = new EngineSupervisor({
      engine: 'auto',
      crashed: [],
      platform: new MachineEngines({
        log: silentLog,
        plans,
        engines: [there('tensorrt'), there('onnxruntime')],
      }),
      check: more.check ?? { check: async () => {} },
      clock,
      log: silentLog,
      reportEvent: (event) => told.push(event),
    });
    return { life, plans };
  }

  async function start(factory: EngineSupervisor): Promise<void> {
    device.factory = factory;
    device.models.there.set(b.digest, bundleAt(path.join(folder, 'bundle')));
    await device.start();
    await clock.pass(100);
  }

  function order(generation: number, model = b): void {
    device.order({ generation, timeMs: clock.wallMs(), slots: { main: { model } } });
  }

  /** Builds run in real time, the agent's clock when it is told. */
  async function until(done: () => boolean): Promise<void> {
    await vi.waitFor(
      async () => {
        await clock.pass(1000);
        await settle();
        if (!done()) throw new Error(`the deployment is ${state()}`);
      },
      { timeout: 60_000, interval: 20 },
    );
  }

  it('builds while the old model serves, tells how far it is, and swaps', async () => {
    await start(live({ build_ms: '4000' }).life);
    order(1);
    await until(() => state() === 'preparing' && (device.agent.slots.main?.deployment.progress ?? 0) > 0.2);
    expect(device.pipeline.served).toEqual([modelOf('a').digest]);
    await until(() => state() === 'committed');
    expect(device.pipeline.identity).toMatchObject({ digest: b.digest, engine: 'tensorrt' });
    expect(kinds()[0]).toBe('engine.building');
    expect(kinds().slice(-2)).toEqual(['engine.built', 'engine.chosen']);
    expect(messageOf('engine.chosen')).toMatch(/street 2 runs on tensorrt .*: the best that is here/);
    expect(device.sent('reported').some(({ slots }) => (slots.main?.deployment.progress ?? 0) > 0.2)).toBe(
      true,
    );
  });

  it('puts no network with Q and DQ nodes on a DLA core, whose plan for the GPU is there', async () => {
    const bundle = bundleAt(path.join(folder, 'bundle'));
    const never = new AbortController().signal;
    await (await live().life.create(bundle, () => {}, never)).close();
    await life?.close();
    const { plans } = live({}, { plans: { dlaCore: 1 } });
    await expect(plans.status(bundle)).rejects.toMatchObject({
      code: 'dla-variant',
      message: expect.stringContaining('street 2 would run as qdq-s8'),
    });
    expect((await live().plans.status(bundle)).state).toBe('ready');
  });

  it('quarantines an engine whose build crashes, runs on the next one, and says why', async () => {
    const { life: engine, plans } = live({ crash_at: '3' });
    await start(engine);
    order(1);
    await until(() => state() === 'committed');
    expect(device.pipeline.identity.engine).toBe('onnxruntime');
    expect(messageOf('engine.quarantined')).toContain('SIGABRT');
    expect(messageOf('engine.fallback')).toMatch(
      /runs on onnxruntime: tensorrt refused the model: .*SIGABRT/,
    );
    expect((await plans.status(bundleAt(path.join(folder, 'bundle')))).state).toBe('quarantined');
  });

  it('does not build what is quarantined at a start, and tries it again for a new order', async () => {
    const bundle = bundleAt(path.join(folder, 'bundle'));
    const bad = live({ crash_at: '3' });
    const never = new AbortController().signal;
    await (await bad.life.create(bundle, () => {}, never)).close();
    told = [];
    const good = live();
    const first = await good.life.first(bundle);
    await first.detector.close();
    expect([first.engine, first.planPending, kinds()]).toEqual(['onnxruntime', false, ['engine.fallback']]);
    expect(messageOf('engine.fallback')).toContain('quarantined');
    const ordered = await good.life.create(bundle, () => {}, never);
    expect(ordered.identity.engine).toBe('tensorrt');
    await ordered.close();
  });

  it('builds a plan that the engine refuses once more, then quarantines it', async () => {
    await start(live({ null_engine: '1' }).life);
    order(1);
    await until(() => state() === 'committed');
    expect(kinds().filter((kind) => kind === 'engine.built')).toHaveLength(2);
    expect(kinds().filter((kind) => kind === 'engine.quarantined')).toHaveLength(1);
    expect(device.pipeline.identity.engine).toBe('onnxruntime');
  });

  it('serves with another engine while the first plan is built, then changes places', async () => {
    const bundle = bundleAt(path.join(folder, 'bundle'));
    const { life: engine } = live({ build_ms: '100' });
    const first = await engine.first(bundle);
    expect([first.engine, first.planPending]).toEqual(['onnxruntime', true]);
    expect(first.reason).toContain('its plan is built while this one serves');
    const better = await new Promise<Detector>((resolve) => {
      engine.upgrade(bundle, async (detector) => {
        resolve(detector);
        return true;
      });
    });
    expect(better.identity).toMatchObject({ digest: b.digest, engine: 'tensorrt' });
    expect(kinds()).not.toContain('engine.fallback');
    await Promise.all([better.close(), first.detector.close()]);
  });

  it('continue a build that an order stopped, if the order failed', async () => {
    const { life: engine, plans } = live({ build_ms: '1500' });
    const bundle = { ...bundleAt(path.join(folder, 'serving')), digest: modelOf('a').digest };
    device.factory = engine;
    // There is nothing in its folder: no engine takes it.
    const [variant] = bundle.manifest.variants;
    const file = { ...variant!.file, digest: `sha256:${'d'.repeat(64)}` };
    const manifest = { ...bundle.manifest, variants: [{ ...variant!, file }] };
    device.models.there.set(b.digest, { digest: b.digest, manifest, location: path.join(folder, 'empty') });
    await device.start();
    engine.upgrade(bundle, (better) => device.agent.upgrade(bundle, better, 'main'));
    await until(() => kinds().includes('engine.building'));
    order(1);
    await until(() => state() === 'failed');
    expect(kinds()).not.toContain('engine.built');
    await until(() => device.pipeline.identity.engine === 'tensorrt');
    expect(device.pipeline.identity.digest).toBe(bundle.digest);
    expect((await plans.status(bundle)).proven).toBe(false);
    // A frame now and then, or its probation says that it does nothing.
    await until(() => {
      device.pipeline.received += 1;
      device.pipeline.processed += 1;
      return device.detectors[0]!.closed;
    });
    await expect.poll(async () => (await plans.status(bundle)).proven).toBe(true);
  });

  it('forgets the build for a model that an order has replaced', async () => {
    const { life: engine } = live({ build_ms: '300' });
    const bundle = { ...bundleAt(path.join(folder, 'serving')), digest: modelOf('a').digest };
    await start(engine);
    engine.upgrade(bundle, () => expect.unreachable('the model does not serve any more'));
    order(1);
    await until(() => state() === 'committed');
    const built = kinds().filter((kind) => kind === 'engine.built').length;
    await until(() => true);
    expect(device.pipeline.identity.digest).toBe(b.digest);
    expect(kinds().filter((kind) => kind === 'engine.built')).toHaveLength(built);
    expect(kinds()).not.toContain('engine.fallback');
  });

  it('keeps the engine that serves where the new one fails its check, also at the next start', async () => {
    const bundle = bundleAt(path.join(folder, 'bundle'));
    const check = { check: () => Promise.reject(new RefusedError('golden-parity', 'It sees half.', '')) };
    const { life: engine, plans } = live({}, { check });
    engine.upgrade(bundle, () => expect.unreachable('it was not checked'));
    await vi.waitFor(() => expect(kinds()).toContain('engine.fallback'), { timeout: 60_000 });
    expect(messageOf('engine.fallback')).toMatch(/stays without tensorrt: It sees half/);
    expect(messageOf('engine.quarantined')).toContain('It sees half');
    expect((await plans.status(bundle)).state).toBe('quarantined');
    const again = await live().life.first(bundle);
    expect([again.engine, again.planPending]).toEqual(['onnxruntime', false]);
    await again.detector.close();
  });

  it('keeps the engine that serves where the new one does badly in its probation', async () => {
    const bundle = bundleAt(path.join(folder, 'bundle'));
    const { life: engine, plans } = live();
    engine.upgrade(bundle, async (detector) => {
      await detector.close();
      throw new RefusedError('deployment-probation', '30 of 60 frames failed.', '');
    });
    await vi.waitFor(() => expect(kinds()).toContain('engine.fallback'), { timeout: 60_000 });
    expect(messageOf('engine.fallback')).toContain('30 of 60 frames failed');
    expect((await plans.status(bundle)).state).toBe('quarantined');
  });

  it('lets a plan serve from the first frame only when it was checked and watched before', async () => {
    const bundle = bundleAt(path.join(folder, 'bundle'));
    const { life: engine, plans } = live();
    await (await plans.open(bundle, {})).close();
    const unproven = await engine.first(bundle);
    expect([unproven.engine, unproven.planPending]).toEqual(['onnxruntime', true]);
    expect(unproven.reason).toContain('its plan is checked while this one serves');
    await unproven.detector.close();
    engine.upgrade(bundle, async (detector) => {
      await detector.close();
      return true;
    });
    await vi.waitFor(async () => expect((await plans.status(bundle)).proven).toBe(true), { timeout: 60_000 });
    const proven = await live().life.first(bundle);
    expect([proven.engine, proven.planPending]).toEqual(['tensorrt', false]);
    await proven.detector.close();
    expect(kinds().filter((kind) => kind === 'engine.built')).toHaveLength(1);
  });

  it('finds a plan that was torn, and builds it anew', async () => {
    const bundle = bundleAt(path.join(folder, 'bundle'));
    const never = new AbortController().signal;
    await (await live().life.create(bundle, () => {}, never)).close();
    const plan = path.join(engines(), readdirSync(engines()).find((name) => name.endsWith('.plan')) ?? '');
    writeFileSync(plan, readFileSync(plan).subarray(0, 50));
    const again = await live().life.first(bundle);
    expect([again.engine, again.planPending]).toEqual(['onnxruntime', true]);
    await again.detector.close();
    const built = await live().life.create(bundle, () => {}, never);
    expect(built.identity.engine).toBe('tensorrt');
    expect(readFileSync(plan, 'utf8')).toBe(referenceModel('fixed'));
    await built.close();
  });

  it('wait for the build at a start if no other engine runs the model', async () => {
    const { life: engine } = live();
    const first = await engine.first(bundleAt(path.join(folder, 'bundle'), ['qdq-s8']));
    expect([first.engine, first.planPending]).toEqual(['tensorrt', false]);
    await first.detector.close();
  });

  it('ends a build that a newer order makes needless, and leaves nothing of it', async () => {
    const { life: engine, plans } = live({ build_ms: '60000' });
    await start(engine);
    order(1);
    await until(() => kinds().includes('engine.building'));
    order(2, modelOf('a'));
    await until(() => state() === 'committed');
    expect(readdirSync(engines()).filter((name) => /plan|part/.test(name))).toEqual([]);
    expect((await plans.status(bundleAt(path.join(folder, 'bundle')))).state).toBe('absent');
    expect(kinds()).not.toContain('engine.fallback');
  });

  it.each([
    ['full', { plans: { leastFreeBytes: 2 ** 60 } }, /MiB are free in/],
    ['not to be written to', { folder: path.join(onnx, 'engines') }, /can't be written to .*ENOTDIR/],
  ])('runs on the next engine where the folder for plans is %s', async (_, more, words) => {
    await start(live({}, more).life);
    order(1);
    await until(() => state() === 'committed');
    expect(device.pipeline.identity.engine).toBe('onnxruntime');
    expect(messageOf('engine.fallback')).toMatch(words);
    expect(kinds()).not.toContain('engine.quarantined');
  });
});
