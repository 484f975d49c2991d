import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { EngineCacheManager, type EngineCacheManagerOptions } from '../../device/native/index.ts';
import { pluginPath } from '../../native/index.ts';
import type { Bundle } from '../../src/model/index.ts';
import { referenceModel } from '../conformance/engine-models.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { headOf } from '../fixtures/head.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';

const why = missingPlugin('reference');

/** The reference engine stands for TensorRT behind the same C ABI. */
describe.skipIf(why !== undefined)(titled('An engine that a peer built', why), () => {
  let folder: string;
  let bundle: Bundle;
  let built: string[];
  /** Who vouched for what was set aside. */
  let vouched: string[];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'goshawk-peer-engine-'));
    built = [];
    vouched = [];
    const location = path.join(folder, 'bundle');
    mkdirSync(location);
    writeFileSync(path.join(location, 'fp32.onnx'), referenceModel('fixed'));
    const tiny = tinyManifest();
    const manifest = tinyManifest({
      labels: ['car', 'person'],
      input: { ...tiny.input, width: 64, height: 64, colorOrder: 'rgb', fit: 'stretch' },
      output: headOf('yolov5', 2),
      variants: [{ kind: 'fp32', file: { path: 'fp32.onnx', digest: `sha256:${'f'.repeat(64)}`, size: 1 } }],
    });
    bundle = { digest: `sha256:${'1'.repeat(64)}`, manifest, location };
  });

  const board = (name: string, fetchPlan?: EngineCacheManagerOptions['fetchPlan']) =>
    new EngineCacheManager(path.join(folder, name), {
      plugin: pluginPath('reference') ?? '',
      onBuildEvent: (news) => {
        built.push(`${name} ${news.kind}`);
        if (news.kind === 'set-aside') vouched.push(news.from);
      },
      ...(fetchPlan === undefined ? {} : { fetchPlan }),
    });
  async function opened(engines: EngineCacheManager): Promise<void> {
    const detector = await engines.open(bundle, { engine: 'tensorrt' } as never);
    await detector.close();
  }
  /** Of another board of the same kind. */
  async function plan(): Promise<string> {
    await opened(board('first'));
    const [name = ''] = readdirSync(path.join(folder, 'first')).filter((one) => one.endsWith('.plan'));
    built = [];
    return path.join(folder, 'first', name);
  }
  const gives =
    (from: string, asked: string[] = []): EngineCacheManagerOptions['fetchPlan'] =>
    async (key, target) => {
      asked.push(key);
      copyFileSync(from, target);
      return { buildMs: 0, peakMemoryBytes: 0, from: 'cam-1' };
    };

  it('serves without a build, and is no proven one before it was watched here', async () => {
    const from = await plan();
    const engines = board('second', gives(from));
    await opened(engines);
    expect(built).toEqual([]);
    expect(await engines.status(bundle)).toEqual({ state: 'ready', proven: false });
  });

  it('that the engine does not read is built here, and the peer is not asked again', async () => {
    const bad = path.join(folder, 'bad.plan');
    writeFileSync(bad, 'no plan at all');
    const asked: string[] = [];
    const engines = board('second', gives(bad, asked));
    await opened(engines);
    expect([...new Set(built)]).toEqual(['second set-aside', 'second building', 'second built']);
    expect(vouched).toEqual(['cam-1']);
    expect(asked).toHaveLength(1);
  });

  it('that was set aside is not taken again, after a restart or an order either', async () => {
    const from = await plan();
    const asked: string[] = [];
    const engines = board('second', gives(from, asked));
    await opened(engines);
    expect(await engines.setAside(bundle, 'It computes something else.')).toBe(true);
    // Killed before anything was built.
    const restarted = board('second', gives(from, asked));
    await restarted.order(bundle);
    await opened(restarted);
    expect(built).toContain('second built');
    expect(asked).toHaveLength(1);
    expect(await restarted.setAside(bundle, 'It computes something else.')).toBe(false);
    expect(await restarted.status(bundle)).toMatchObject({ state: 'ready' });
  });

  it('and that has served well here is not set aside for a power cut', async () => {
    const engines = board('second', gives(await plan()));
    await opened(engines);
    await engines.prove(bundle);
    expect(await engines.setAside(bundle, 'The agent ended while it was tried.')).toBe(false);
    expect(await engines.status(bundle)).toEqual({ state: 'ready', proven: true });
  });

  it('that does not hold what its bundle promises is built here too, and only then held against the model', async () => {
    const from = await plan();
    const engines = board('second', gives(from));
    await opened(engines);
    await engines.reject(bundle, 'It computes something else.');
    expect((await engines.status(bundle)).state).toBe('absent');
    await opened(engines);
    expect(built).toContain('second built');
    await engines.reject(bundle, 'It computes something else.');
    expect((await engines.status(bundle)).state).toBe('quarantined');
  });

  it('is known as another’s after a restart, too: neither passed on nor held against the model', async () => {
    const from = await plan();
    await opened(board('second', gives(from)));
    const proven: string[] = [];
    const restarted = new EngineCacheManager(path.join(folder, 'second'), {
      plugin: pluginPath('reference') ?? '',
      onProven: (key) => void proven.push(key),
    });
    await opened(restarted);
    await restarted.prove(bundle);
    expect(await restarted.status(bundle)).toEqual({ state: 'ready', proven: true });
    expect(proven).toEqual([]);
    await restarted.reject(bundle, 'It computes something else.');
    expect((await restarted.status(bundle)).state).toBe('absent');
    await opened(restarted);
    await restarted.prove(bundle);
    expect(proven).toHaveLength(1);
  });

  it('that nobody has is built here', async () => {
    await opened(board('second', async () => undefined));
    expect(built).toContain('second built');
  });
});
