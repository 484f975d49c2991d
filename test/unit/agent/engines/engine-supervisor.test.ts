import { beforeEach, describe, expect, it } from 'vitest';
import { type AgentEvent, EngineSupervisor, type ModelCheck } from '../../../../src/agent/index.ts';
import { CancelledError, RefusedError, silentLog } from '../../../../src/base/index.ts';
import type { Detector } from '../../../../src/perception/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { bundleOf, modelOf } from '../../../fakes/fake-device.ts';
import { FakeEnginePlatform } from '../../../fakes/fake-engine-platform.ts';
import { identityOf } from '../../../fakes/fake-pipeline.ts';

const a = bundleOf(modelOf('a'));
const b = bundleOf(modelOf('b', '2'));
const never = new AbortController().signal;
const serving = (bundle: typeof a, engine: string) => ({ ...identityOf(bundle.digest), engine });

describe('The supervisor of engines', () => {
  let platform: FakeEnginePlatform;
  let told: AgentEvent[];
  let onCheck: ModelCheck['check'];
  let supervisor: EngineSupervisor;

  beforeEach(() => {
    platform = new FakeEnginePlatform();
    told = [];
    onCheck = async () => {};
    supervisor = new EngineSupervisor({
      platform,
      engine: 'auto',
      crashed: [],
      check: { check: (...args) => onCheck(...args) },
      log: silentLog,
      reportEvent: (event) => told.push(event),
    });
  });

  const kinds = () => told.map(({ kind }) => kind);
  const create = (bundle = b) => supervisor.create(bundle, () => {}, never);

  /** A build that goes on until it is let go, or ended. */
  function slowBuild(): { readonly finish: () => void; readonly ended: () => boolean } {
    let finish = () => {};
    let ended = false;
    platform.onOpen = (engine, { signal }) =>
      engine !== 'tensorrt'
        ? Promise.resolve()
        : new Promise((resolve, reject) => {
            finish = resolve;
            signal?.addEventListener('abort', () => {
              ended = true;
              reject(new CancelledError('The build'));
            });
          });
    return { finish: () => finish(), ended: () => ended };
  }

  it('does not wait for a plan at the start, then builds, checks and changes to it', async () => {
    const first = await supervisor.first(a);
    expect([first.engine, first.planPending, kinds()]).toEqual(['onnxruntime', true, ['engine.chosen']]);
    const checked: Detector[] = [];
    onCheck = async (_, detector) => void checked.push(detector);
    const changed: Detector[] = [];
    supervisor.upgrade(a, async (detector) => {
      expect(checked).toEqual([detector]);
      changed.push(detector);
      return true;
    });
    await settle();
    expect(changed[0]?.identity.engine).toBe('tensorrt');
    expect(platform.calls).toContain('prove');
    expect(told.at(-1)?.message).toContain('its plan is there and was checked and watched');
  });

  it('lets an order try again what is quarantined, and builds while it waits', async () => {
    const detector = await create();
    expect(detector.identity.engine).toBe('tensorrt');
    expect(platform.calls.indexOf('allow')).toBeLessThan(platform.calls.indexOf('nativeEngines'));
  });

  it('goes on with an order where nothing can be allowed', async () => {
    platform.failNotes = new Error('no device');
    expect((await create()).identity.engine).toBe('tensorrt');
  });

  it('ends the build for the old model when an order comes, and takes it up where the order led to nothing', async () => {
    const build = slowBuild();
    const changed: Detector[] = [];
    supervisor.upgrade(a, async (detector) => {
      changed.push(detector);
      return true;
    });
    await settle();
    platform.available = ['onnxruntime'];
    await create();
    expect(build.ended()).toBe(true);
    expect(changed).toEqual([]);
    platform.available = ['tensorrt', 'onnxruntime'];
    platform.onOpen = async () => {};
    supervisor.settled(serving(a, 'onnxruntime'));
    await settle();
    expect(changed.map(({ identity }) => identity.digest)).toEqual([a.digest]);
  });

  it('forgets the build for a model that an order replaced', async () => {
    slowBuild();
    supervisor.upgrade(a, () => expect.unreachable('the model does not serve any more'));
    await settle();
    platform.onOpen = async () => {};
    await create();
    const opened = platform.opened.length;
    supervisor.settled(serving(b, 'onnxruntime'));
    await settle();
    expect(platform.opened).toHaveLength(opened);
  });

  it('notes that a plan is proven when its order was committed on it', async () => {
    await create();
    supervisor.settled(serving(b, 'tensorrt'));
    await settle();
    expect(platform.calls).toContain('prove');
  });

  it('rejects a plan that fails its check, closes its detector and stays', async () => {
    onCheck = () => Promise.reject(new RefusedError('golden-parity', 'It sees half.', ''));
    supervisor.upgrade(a, () => expect.unreachable('it was not checked'));
    await settle();
    expect(platform.calls).toContain('reject: It sees half.');
    expect(platform.detectors.map(({ closed }) => closed)).toEqual([true]);
    expect(told.at(-1)).toMatchObject({ kind: 'engine.fallback', severity: 'warning' });
    expect(told.at(-1)?.message).toBe('street 1 stays without tensorrt: It sees half.');
  });

  it('does not reject a plan that could not be built: that is noted elsewhere', async () => {
    platform.refusals.set('tensorrt', new Error('The disk is full.'));
    supervisor.upgrade(a, () => expect.unreachable('there is none'));
    await settle();
    expect(platform.calls.filter((call) => call.startsWith('reject'))).toEqual([]);
    expect(told.at(-1)?.message).toBe('street 1 stays without tensorrt: The disk is full.');
  });

  it('keeps the wait where an order came between the build and the change', async () => {
    let changes = 0;
    supervisor.upgrade(a, async () => {
      changes += 1;
      return changes > 1;
    });
    await settle();
    expect(changes).toBe(1);
    supervisor.settled(serving(a, 'onnxruntime'));
    await settle();
    expect(changes).toBe(2);
    expect(platform.calls.filter((call) => call === 'prove')).toHaveLength(1);
  });

  it('looks again where a deployment ended while the change was under way, and the change led to nothing', async () => {
    let answer: (changed: boolean) => void = () => {};
    let changes = 0;
    supervisor.upgrade(a, () => {
      changes += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    await settle();
    supervisor.settled(serving(a, 'onnxruntime'));
    answer(false);
    await settle();
    expect(changes).toBe(2);
    answer(true);
    await settle();
    expect(platform.calls).toContain('prove');
  });

  it('says nothing and starts nothing once it is closed', async () => {
    const build = slowBuild();
    supervisor.upgrade(a, () => expect.unreachable('it is closed'));
    await settle();
    await supervisor.close();
    expect(build.ended()).toBe(true);
    supervisor.settled(serving(a, 'onnxruntime'));
    await settle();
    expect(platform.opened).toEqual(['tensorrt']);
    expect(told).toEqual([]);
  });
});
