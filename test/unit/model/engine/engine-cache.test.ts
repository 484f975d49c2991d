import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CancelledError, GoshawkError, LimitError, RefusedError } from '../../../../src/base/index.ts';
import type { BuildEngine } from '../../../../src/model/engine/engine-cache.ts';
import { engineKey } from '../../../../src/model/engine/engine-key.ts';
import {
  type EngineEvent,
  emptyEntry,
  engineTransitions,
  nextEntry,
} from '../../../../src/model/engine/engine-state.ts';
import {
  EngineCache,
  type EngineFingerprint,
  type EngineState,
  workspaceSteps,
} from '../../../../src/model/index.ts';
import { FakeEngineStore } from '../../../fakes/fake-engine-store.ts';

const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');

const fingerprint: EngineFingerprint = {
  model: `sha256:${'a'.repeat(64)}`,
  precision: 'int8',
  profiles: { images: '1x3x64x64,1x3x64x64,4x3x64x64' },
  workspaceBytes: 2 ** 28,
  flags: ['b', 'a'],
  dlaCore: null,
  tensorrt: '10.3.0.30',
  cudaDriver: '12060',
  computeCapability: '8.7',
  smCount: 8,
  board: 'Jetson Orin Nano',
  pluginAbi: '1.0',
};

function setUp() {
  const store = new FakeEngineStore();
  const cache = new EngineCache(store, sha256, () => '2026-01-01T00:00:00Z');
  let builds = 0;
  const build: BuildEngine = async (_, path) => {
    builds += 1;
    store.plans.set(path, new Uint8Array([1, 2, 3]));
    return { buildMs: 5, peakMemoryBytes: 7 };
  };
  const key = engineKey(fingerprint, sha256);
  return { store, cache, build, key, builds: () => builds };
}

describe('The key of an engine', () => {
  it('is another one when anything that the engine depends on is another', () => {
    const changes: Partial<EngineFingerprint>[] = [
      { model: `sha256:${'b'.repeat(64)}` },
      { precision: 'fp16' },
      { profiles: {} },
      { workspaceBytes: 1 },
      { flags: ['a'] },
      { dlaCore: 0 },
      { tensorrt: '10.3.0.31' },
      { cudaDriver: '13000' },
      { computeCapability: '11.0' },
      { smCount: 16 },
      { board: 'Jetson Thor' },
      { pluginAbi: '2.0' },
    ];
    expect(changes.map((change) => Object.keys(change)[0]).sort()).toEqual(Object.keys(fingerprint).sort());
    const keys = [{}, ...changes].map((change) => engineKey({ ...fingerprint, ...change }, sha256));
    expect(new Set(keys).size).toBe(changes.length + 1);
  });

  it('does not depend on the order in which things are named', () => {
    const turned = Object.fromEntries(Object.entries(fingerprint).reverse()) as EngineFingerprint;
    expect(engineKey({ ...turned, flags: ['a', 'b'] }, sha256)).toBe(engineKey(fingerprint, sha256));
  });
});

describe('The states of an engine', () => {
  const states: EngineState[] = ['absent', 'building', 'ready', 'quarantined'];
  const events: EngineEvent[] = [
    'build',
    'built',
    'failed',
    'interrupted',
    'damaged',
    'refused',
    'set-aside',
    'order',
  ];
  const cases = states.flatMap((state) => events.map((event) => [state, event] as const));

  it.each(cases)('in %s on %s follow the table', (state, event) => {
    const entry = { ...emptyEntry('0'.repeat(64), fingerprint), state };
    const row = engineTransitions.find(([from, on]) => from === state && on === event);
    expect(nextEntry(entry, event)?.state).toBe(row?.[2]);
  });

  it('end in quarantine when an engine was refused, built anew and refused again', () => {
    const entry = { ...emptyEntry('0'.repeat(64), fingerprint), state: 'ready' as const, refusals: 1 };
    expect(nextEntry(entry, 'refused', { reason: 'magic tag' })).toMatchObject({
      state: 'quarantined',
      reason: 'magic tag',
    });
  });
});

describe('The engine cache', () => {
  it('builds once and finds the plan again', async () => {
    const { cache, build, key, builds } = setUp();
    expect(await cache.prepare(fingerprint, build)).toBe(key);
    expect(await cache.prepare(fingerprint, build)).toBe(key);
    expect(builds()).toBe(1);
    expect((await cache.entry(fingerprint)).plan).toEqual({
      sha256: sha256(new Uint8Array([1, 2, 3])),
      size: 3,
      builtAt: '2026-01-01T00:00:00Z',
      buildMs: 5,
      peakMemoryBytes: 7,
    });
  });

  it('lets everyone who asks meanwhile wait for the one build', async () => {
    const { cache, build, builds } = setUp();
    await Promise.all([1, 2, 3].map(() => cache.prepare(fingerprint, build)));
    expect(builds()).toBe(1);
  });

  it.each([
    ['torn', (store: FakeEngineStore, key: string) => store.plans.set(key, new Uint8Array([1, 2]))],
    [
      'changed by one bit',
      (store: FakeEngineStore, key: string) => store.plans.set(key, new Uint8Array([1, 2, 2])),
    ],
    ['gone', (store: FakeEngineStore, key: string) => store.plans.delete(key)],
    ['without a manifest', (store: FakeEngineStore, key: string) => store.manifests.delete(key)],
    [
      'with a torn manifest',
      (store: FakeEngineStore, key: string) => store.manifests.set(key, { schema: 1 }),
    ],
    [
      'with the manifest of another',
      (store: FakeEngineStore, key: string) =>
        store.manifests.set(key, { ...(store.manifests.get(key) as object), key: 'f'.repeat(64) }),
    ],
  ])('builds a plan anew that is %s', async (_, harm) => {
    const { cache, store, build, key, builds } = setUp();
    await cache.prepare(fingerprint, build);
    harm(store, key);
    expect((await cache.entry(fingerprint)).state).toBe('absent');
    await cache.prepare(fingerprint, build);
    expect(builds()).toBe(2);
    expect((await cache.entry(fingerprint)).state).toBe('ready');
  });

  it('starts over where the power went during a build', async () => {
    const { store, build, builds } = setUp();
    const key = engineKey(fingerprint, sha256);
    store.manifests.set(key, { ...emptyEntry(key, fingerprint), state: 'building' });
    const after = new EngineCache(store, sha256, () => '2026-01-02T00:00:00Z');
    expect((await after.entry(fingerprint)).state).toBe('absent');
    store.manifests.set(key, { ...emptyEntry(key, fingerprint), state: 'building' });
    await after.prepare(fingerprint, build);
    expect(builds()).toBe(1);
  });

  it('quarantines a model that does not build, until it is ordered again', async () => {
    const { cache, build, builds } = setUp();
    const failing: BuildEngine = () => Promise.reject(new GoshawkError('x', 'No kernel for Einsum.', ''));
    await expect(cache.prepare(fingerprint, failing)).rejects.toThrow('Einsum');
    await expect(cache.prepare(fingerprint, build)).rejects.toBeInstanceOf(RefusedError);
    await expect(cache.prepare(fingerprint, build)).rejects.toThrow(/quarantined: No kernel for Einsum/);
    await cache.order(fingerprint);
    await cache.prepare(fingerprint, build);
    expect(builds()).toBe(1);
  });

  it.each([
    ['was cancelled', new CancelledError('The build')],
    ['found no memory', new LimitError('native-out-of-memory', 'No memory.', 'Free some.')],
  ])('does not hold it against a model that its build %s', async (_, reason) => {
    const { cache, build } = setUp();
    await expect(cache.prepare(fingerprint, () => Promise.reject(reason))).rejects.toBe(reason);
    await cache.prepare(fingerprint, build);
    expect((await cache.entry(fingerprint)).state).toBe('ready');
  });

  it('quarantines a build that leaves no plan', async () => {
    const { cache } = setUp();
    const nothing: BuildEngine = async () => ({ buildMs: 1, peakMemoryBytes: 0 });
    await expect(cache.prepare(fingerprint, nothing)).rejects.toThrow(/left no plan/);
    expect((await cache.entry(fingerprint)).state).toBe('quarantined');
  });

  it('builds a refused plan anew once, and quarantines it the second time', async () => {
    const { cache, build, builds } = setUp();
    await cache.prepare(fingerprint, build);
    expect((await cache.refused(fingerprint, 'magic tag')).state).toBe('absent');
    await cache.prepare(fingerprint, build);
    expect((await cache.refused(fingerprint, 'magic tag')).state).toBe('quarantined');
    await expect(cache.prepare(fingerprint, build)).rejects.toThrow(/magic tag/);
    expect(builds()).toBe(2);
  });

  it('remembers that a plan has proven itself, for that plan alone', async () => {
    const { cache, build } = setUp();
    await cache.prepare(fingerprint, build);
    expect((await cache.entry(fingerprint)).plan?.proven).toBeUndefined();
    await cache.proven(fingerprint);
    expect((await cache.entry(fingerprint)).plan?.proven).toBe(true);
    await cache.refused(fingerprint, 'magic tag');
    await cache.prepare(fingerprint, build);
    expect((await cache.entry(fingerprint)).plan?.proven).toBeUndefined();
  });

  it('quarantines a plan at once that computes something else, until it is ordered again', async () => {
    const { cache, build, builds } = setUp();
    await cache.prepare(fingerprint, build);
    await cache.rejected(fingerprint, 'agrees on 80 % of the golden set');
    await expect(cache.prepare(fingerprint, build)).rejects.toThrow(/80 % of the golden set/);
    await cache.order(fingerprint);
    await cache.prepare(fingerprint, build);
    expect(builds()).toBe(2);
  });

  it('keeps it in mind over restarts and orders that a plan of another device was set aside, and counts it as no refusal', async () => {
    const { cache, store, build, builds } = setUp();
    await cache.prepare(fingerprint, build);
    await cache.setAside(fingerprint);
    const restarted = new EngineCache(store, sha256, () => '2026-01-01T00:00:00Z');
    expect(await restarted.entry(fingerprint)).toMatchObject({
      state: 'absent',
      setAside: true,
      refusals: 0,
    });
    await restarted.prepare(fingerprint, build);
    expect(builds()).toBe(2);
    await restarted.order(fingerprint);
    expect(await restarted.entry(fingerprint)).toMatchObject({ state: 'ready', setAside: true });
    expect((await restarted.refused(fingerprint, 'magic tag')).state).toBe('absent');
  });

  it.each(['setAside', 'refused'] as const)(
    'loses no plan where what is noted of it (%s) does not reach the disk: the next start tells it again',
    async (event) => {
      const { cache, store, build } = setUp();
      await cache.prepare(fingerprint, build);
      const write = store.writeManifest.bind(store);
      store.writeManifest = async () => {
        store.writeManifest = write;
        throw new Error('the power is gone');
      };
      await expect(cache[event](fingerprint, 'magic tag')).rejects.toThrow('the power is gone');
      const restarted = new EngineCache(store, sha256, () => '2026-01-01T00:00:00Z');
      expect((await restarted.entry(fingerprint)).state).toBe('ready');
      const after = event === 'setAside' ? { setAside: true } : { refusals: 1 };
      expect(await restarted[event](fingerprint, 'magic tag')).toMatchObject({ state: 'absent', ...after });
      expect(store.plans.size).toBe(0);
    },
  );

  it('heals a damaged plan on a disk that has no room for a word while it lies there', async () => {
    const { cache, store, build, key, builds } = setUp();
    await cache.prepare(fingerprint, build);
    store.plans.set(key, new Uint8Array([1, 2, 2]));
    const write = store.writeManifest.bind(store);
    // Whatever it is called: what is damaged goes first.
    store.writeManifest = (entry) =>
      store.plans.has(key) ? Promise.reject(new Error('full')) : write(entry);
    expect((await cache.entry(fingerprint)).state).toBe('absent');
    store.writeManifest = write;
    await cache.prepare(fingerprint, build);
    expect(builds()).toBe(2);
  });

  it.each(['setAside', 'refused', 'rejected'] as const)(
    'takes a plan away first where the disk has no room to note what becomes of it (%s)',
    async (event) => {
      const { cache, store, build, key } = setUp();
      await cache.prepare(fingerprint, build);
      store.mostPlans = 1;
      const after = event === 'rejected' ? 'quarantined' : 'absent';
      expect((await cache[event](fingerprint, 'magic tag')).state).toBe(after);
      expect(store.plans.size).toBe(0);
      expect(store.manifests.get(key)).toMatchObject({ state: after });
    },
  );

  it('asks whether the folder can be written to before minutes are spent', async () => {
    const { cache, store, build, builds } = setUp();
    store.full = 'the folder is read-only';
    await expect(cache.prepare(fingerprint, build)).rejects.toBeInstanceOf(LimitError);
    expect(builds()).toBe(0);
  });
});

describe('The memory of a build', () => {
  it('is a quarter of what is free, at most 1 GiB, then less by halves', () => {
    expect(workspaceSteps(64 * 2 ** 30)[0]).toBe(2 ** 30);
    expect(workspaceSteps(2 ** 30).map((bytes) => bytes / 2 ** 20)).toEqual([256, 128, 64]);
    expect(workspaceSteps(1)).toEqual([64 * 2 ** 20]);
  });
});

describe('The room of the cache', () => {
  it('is made before every build, of anything but the two plans that were opened last and the one to be built', async () => {
    const { store, cache, build } = setUp();
    const other = (model: string) => ({ ...fingerprint, model: `sha256:${model.repeat(64)}` });
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(other) as [typeof fingerprint, ...(typeof fingerprint)[]];
    const keyOf = (one: typeof fingerprint | undefined) => engineKey(one ?? fingerprint, sha256);
    for (const one of [a, b, c]) await cache.prepare(one!, build);
    await cache.prepare(a, build);
    await cache.prepare(d!, build);
    expect(store.opened).toEqual([a, b, c, a, d].map(keyOf));
    expect(new Set(store.kept.at(-1))).toEqual(new Set([c, a, d].map(keyOf)));
  });
});
