import { beforeEach, describe, expect, it } from 'vitest';
import { type AgentEvent, EngineSupervisor, type ModelCheck } from '../../../../src/agent/index.ts';
import { CancelledError, LimitError, RefusedError, silentLog } from '../../../../src/base/index.ts';
import { type Detector, DetectorLostError } from '../../../../src/perception/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { bundleOf, modelOf } from '../../../fakes/fake-device.ts';
import { FakeEnginePlatform } from '../../../fakes/fake-engine-platform.ts';
import { FakeDetector, identityOf } from '../../../fakes/fake-pipeline.ts';
import { tinyBundle } from '../../../fixtures/tiny-bundle.ts';

const a = bundleOf(modelOf('a'));
const b = bundleOf(modelOf('b', '2'));
const never = new AbortController().signal;
const serving = (bundle: typeof a, engine: string) => ({ ...identityOf(bundle.digest), engine });

describe('The supervisor of engines', () => {
  let platform: FakeEnginePlatform;
  let told: AgentEvent[];
  let onCheck: ModelCheck['check'];
  let supervisor: EngineSupervisor;
  let clock: FakeClock;
  let ended: string[];
  let lost: string[];

  beforeEach(() => {
    platform = new FakeEnginePlatform();
    told = [];
    clock = new FakeClock();
    ended = [];
    lost = [];
    onCheck = async () => {};
    supervisor = new EngineSupervisor({
      platform,
      engine: 'auto',
      crashed: [],
      check: { check: (...args) => onCheck(...args) },
      clock,
      log: silentLog,
      endProcess: (reason) => ended.push(reason),
      noteLost: (engine) => lost.push(engine),
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

  it('continues with an order if no build can be allowed', async () => {
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

  it('sets a plan of another device aside that fails its check, and goes on with one that is built here', async () => {
    platform.fetched = true;
    onCheck = async () => {
      if (platform.fetched) throw new RefusedError('golden-parity', 'It sees half.', '');
    };
    let changed = 0;
    supervisor.upgrade(a, async () => ++changed > 0);
    await settle();
    expect(platform.calls).toContain('set aside: It sees half.');
    expect(platform.calls.some((call) => call.startsWith('reject'))).toBe(false);
    expect(platform.detectors.map(({ closed }) => closed)).toEqual([true, false]);
    expect(changed).toBe(1);
  });

  it('says of a detector of another engine that it is no plan that could be set aside', async () => {
    platform.fetched = true;
    const [other, own] = [new FakeDetector('x'), await create()];
    expect(await supervisor.setAside(b, 'It sees half.', other)).toBe(false);
    platform.failNotes = new RefusedError('x', 'No disk.', '');
    expect(await supervisor.setAside(b, 'It sees half.', own)).toBe(false);
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

  it('reports and starts nothing after it is closed', async () => {
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

  describe('of a better engine that has no room', () => {
    const full = new LimitError('native-out-of-memory', 'The build ran out of memory.', '');

    it('waits for room while the old model serves, and takes the better engine when there is some', async () => {
      platform.refusals.set('tensorrt', full);
      const ordered = create();
      await clock.pass(29_000);
      // What was opened in its place would only take more of the room.
      expect(platform.detectors.map(({ closed }) => closed)).toEqual([true]);
      platform.refusals.clear();
      await clock.pass(1000);
      expect((await ordered).identity.engine).toBe('tensorrt');
      expect(kinds()).toEqual(['engine.no-room', 'engine.chosen']);
    });

    it('tells that the next engine took the model, and changes to the better one when there is room', async () => {
      platform.refusals.set('tensorrt', full);
      const upgraded: string[] = [];
      supervisor.attach({
        replace: async () => expect.unreachable('nothing is stuck'),
        upgrade: async (_, detector) => {
          upgraded.push(detector.identity.engine);
          return true;
        },
      });
      const ordered = create();
      await clock.pass(210_000);
      expect((await ordered).identity.engine).toBe('onnxruntime');
      expect(told.at(-1)).toMatchObject({ kind: 'engine.fallback', severity: 'warning' });
      supervisor.settled(serving(b, 'onnxruntime'));
      await clock.pass(25 * 60_000);
      expect(upgraded).toEqual([]);
      platform.refusals.clear();
      await clock.pass(10 * 60_000);
      expect(upgraded).toEqual(['tensorrt']);
      expect(kinds().filter((kind) => kind === 'engine.no-room')).toHaveLength(4);
      expect(platform.calls).toContain('prove');
      await supervisor.close();
      expect(clock.pending).toBe(0);
    });

    it('ends its wait when a newer order comes', async () => {
      platform.refusals.set('tensorrt', full);
      const newer = new AbortController();
      const ordered = supervisor.create(b, () => {}, newer.signal);
      const refused = expect(ordered).rejects.toBeInstanceOf(CancelledError);
      await clock.pass(1000);
      newer.abort();
      await refused;
    });
  });

  describe('of an engine that does badly', () => {
    /** The detectors that took the place of the one before. */
    let replaced: string[];

    async function serve(available: typeof platform.available = ['onnxruntime']): Promise<void> {
      replaced = [];
      platform.available = available;
      platform.plan = { state: 'ready', proven: true };
      await supervisor.first(a);
      supervisor.attach({
        replace: async (detector) => {
          replaced.push(detector.identity.engine);
          return true;
        },
        upgrade: async () => expect.unreachable('nothing better is there'),
      });
      told.splice(0);
    }
    async function stuck(): Promise<void> {
      supervisor.stuck();
      await settle();
    }

    it('builds it anew, then lets the next one serve, then ends the process, and tells each step', async () => {
      await serve(['tensorrt', 'onnxruntime']);
      await stuck();
      expect(replaced).toEqual(['tensorrt']);
      await stuck();
      expect(replaced).toEqual(['tensorrt', 'onnxruntime']);
      expect(ended).toEqual([]);
      await stuck();
      await stuck();
      expect(replaced).toHaveLength(2);
      expect(ended).toEqual(['The engine gives no answers, and no other one helps.']);
      expect(kinds()).toEqual([
        'engine.rebuild',
        'engine.chosen',
        'engine.change',
        'engine.chosen',
        'engine.restart-process',
      ]);
    });

    it('goes the same way for an engine that fails every frame', async () => {
      await serve(['tensorrt', 'onnxruntime']);
      for (let i = 0; i < 3; i++) {
        supervisor.failing();
        await settle();
      }
      expect(replaced).toEqual(['tensorrt', 'onnxruntime']);
      expect(ended).toEqual(['The engine fails every frame, and no other one helps.']);
      expect(kinds().filter((kind) => kind !== 'engine.chosen')).toEqual([
        'engine.rebuild',
        'engine.change',
        'engine.restart-process',
      ]);
      expect(lost).toEqual([]);
    });

    it('tries a lost device again by building the engine anew', async () => {
      await serve(['tensorrt', 'onnxruntime']);
      supervisor.failing('device');
      await settle();
      expect([replaced, ended]).toEqual([['tensorrt'], []]);
    });

    it('ends the process at once, and notes the engine, where that cannot work in it any more', async () => {
      await serve(['tensorrt', 'onnxruntime']);
      supervisor.failing('process');
      supervisor.failing('process');
      await settle();
      expect([replaced, lost]).toEqual([[], ['tensorrt']]);
      expect(ended).toEqual(['The engine cannot work in this process any more.']);
      expect(kinds()).toEqual(['engine.restart-process']);
      expect(told[0]?.message).toBe(
        'The engine cannot work in this process any more; the agent ends to be started again.',
      );
    });

    it('ends the process where that shows when it is built anew', async () => {
      await serve(['tensorrt', 'onnxruntime']);
      platform.refusals.set('tensorrt', new DetectorLostError('process', 'native-process-lost', 'Gone.', ''));
      await stuck();
      expect(kinds()).toEqual(['engine.rebuild', 'engine.recovery-failed', 'engine.restart-process']);
      expect([replaced, ended.length, lost]).toEqual([[], 1, ['tensorrt']]);
    });

    it('does not wait for ever for an engine that hangs while it is opened, and closes what comes late', async () => {
      await serve(['tensorrt', 'onnxruntime']);
      let finish = () => {};
      platform.onOpen = () => new Promise<void>((resolve) => (finish = resolve));
      await stuck();
      platform.onOpen = async () => {};
      await clock.pass(2 * 60_000);
      expect(replaced).toEqual(['onnxruntime']);
      expect(kinds().slice(0, 3)).toEqual(['engine.rebuild', 'engine.recovery-failed', 'engine.change']);
      expect(told[1]?.message).toContain('did not open within 120 s');
      finish();
      await settle();
      expect(platform.detectors.map(({ closed }) => closed)).toEqual([false, false, true]);
    });

    it('begins with the mildest step again when it did well for ten minutes', async () => {
      await serve();
      await stuck();
      await clock.pass(10 * 60_000);
      await stuck();
      expect(replaced).toEqual(['onnxruntime', 'onnxruntime']);
    });

    it('takes the next step where it cannot be built anew', async () => {
      await serve();
      platform.refusals.set('onnxruntime', new RefusedError('x', 'The device is lost.', ''));
      await stuck();
      expect(replaced).toEqual(['onnxruntime-node']);
      expect(kinds().slice(0, 3)).toEqual(['engine.rebuild', 'engine.recovery-failed', 'engine.change']);
    });

    it('has no next one after the last', async () => {
      await serve([]);
      await stuck();
      await stuck();
      expect([replaced, ended.length]).toEqual([['onnxruntime-node'], 1]);
    });

    it('does the same for wrong answers, but does not restart for a model that never gave right ones', async () => {
      const wrong = async () => {
        supervisor.answered(false);
        await settle();
      };
      await serve();
      for (let i = 0; i < 5; i++) await wrong();
      expect([replaced, ended]).toEqual([['onnxruntime', 'onnxruntime-node'], []]);
      expect(kinds().at(-1)).toBe('engine.given-up');
      supervisor.answered(true);
      await serve();
      for (let i = 0; i < 3; i++) await wrong();
      expect(ended).toHaveLength(1);
    });

    it('mends it beside an order whose engine is being built', async () => {
      await serve();
      let finish = () => {};
      platform.onOpen = () => new Promise<void>((resolve) => (finish = resolve));
      const ordered = create(b);
      await settle();
      platform.onOpen = async () => {};
      await stuck();
      expect(replaced).toEqual(['onnxruntime']);
      finish();
      expect((await ordered).identity.digest).toBe(b.digest);
    });

    it('tells nothing of a model on trial but to its deployment, and mends it where it was kept all the same', async () => {
      await serve();
      await create(b);
      told.splice(0);
      const reasons: string[] = [];
      supervisor.onTrial((reason) => reasons.push(reason));
      supervisor.answered(false);
      await stuck();
      expect([reasons, kinds(), replaced]).toEqual([
        ['The engine gives no answers with the new model.'],
        [],
        [],
      ]);
      supervisor.settled(serving(b, 'onnxruntime'));
      await settle();
      expect([kinds()[0], replaced]).toEqual(['engine.rebuild', ['onnxruntime']]);
    });

    it('holds what the model on trial did against no other one', async () => {
      await serve();
      await create(b);
      told.splice(0);
      supervisor.onTrial(() => {});
      await stuck();
      supervisor.onTrial(undefined);
      supervisor.settled(serving(a, 'onnxruntime'));
      await settle();
      expect([kinds(), replaced]).toEqual([[], []]);
      await stuck();
      expect(replaced).toEqual(['onnxruntime']);
    });
  });

  describe('asked for a lighter variant', () => {
    const replaced: Detector[] = [];
    const start = async () => {
      platform.available = ['onnxruntime'];
      await supervisor.first({ ...a, manifest: { ...tinyBundle().manifest, ...a.manifest } });
      replaced.length = 0;
      supervisor.attach({
        replace: async (detector) => {
          replaced.push(detector);
          return true;
        },
        upgrade: async () => true,
      });
    };

    it('opens it beside the old one, and the usual one again', async () => {
      await start();
      expect(await supervisor.changeVariant({ variant: 'fp32' })).toBe(true);
      expect([supervisor.lighter, replaced.length, platform.variants.at(-1)]).toEqual(['fp32', 1, 'fp32']);
      expect(await supervisor.changeVariant(undefined)).toBe(true);
      expect([supervisor.lighter, replaced.length, platform.variants.at(-1)]).toEqual([
        undefined,
        2,
        undefined,
      ]);
    });

    it('stays as it is where there is none, or an order is under way', async () => {
      await start();
      await expect(supervisor.changeVariant({ variant: 'qdq-u8' })).rejects.toMatchObject({
        code: 'variant-not-lighter',
      });
      expect([supervisor.lighter, replaced.length]).toEqual([undefined, 0]);
      await create();
      expect(await supervisor.changeVariant({ variant: 'fp32' })).toBe(false);
    });

    it('forgets it with the next model', async () => {
      await start();
      await supervisor.changeVariant({ variant: 'fp32' });
      await create();
      supervisor.settled(serving(b, 'onnxruntime'));
      expect(supervisor.lighter).toBeUndefined();
    });
  });
});
