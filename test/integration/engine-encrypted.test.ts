import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineCacheManager, type EngineCacheManagerOptions } from '../../device/native/index.ts';
import { pluginPath } from '../../native/index.ts';
import { readBundle } from '../../src/adapters/filesystem/index.ts';
import type { DownloadIdentity } from '../../src/adapters/oci/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { type Detector, defaultDetectionSettings, type Frame } from '../../src/perception/index.ts';
import { ownEngines } from '../../src/runtime/device/fetch/fleet-engines.ts';
import { SealedModels } from '../../src/runtime/device/sealed-models.ts';
import { MachineEngines } from '../../src/runtime/engines/machine-engines.ts';
import { referenceModel } from '../conformance/engine-models.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { encryptFor, writeFixedBundle } from '../fixtures/encrypted-bundle.ts';
import { fleetIdentities } from '../fixtures/fleet-identities.ts';

const why = missingPlugin('reference');
/** What the reference engine reads to its end, and what a search finds. */
const secret = `# ${'the weights of a network that somebody paid for. '.repeat(3)}`;
const network = Buffer.from(referenceModel('fixed').replace(/\nend/, `\n${secret}\nend`));
const fixedOnnx = join(import.meta.dirname, '../fixtures/native/fixed.onnx');
const frame: Frame = {
  ...{
    camera: 'front',
    sequence: 0,
    stampNs: 0n,
    frameId: '',
    width: 64,
    height: 64,
    encoding: 'rgb8',
    step: 192,
  },
  pixels: { data: new Uint8Array(64 * 64 * 3), release() {} },
};

const noOnnxruntime = missingPlugin('onnxruntime');
const found = async (detector: Detector) =>
  (await detector.detect(frame, defaultDetectionSettings)).detections;

const ways: readonly (readonly [string, 'onnxruntime' | 'onnxruntime-node', boolean])[] = [
  ['in a worker thread', 'onnxruntime-node', false],
  ...(noOnnxruntime === undefined
    ? ([
        ['in the native engine', 'onnxruntime', false],
        ['in the native engine, in a process of its own', 'onnxruntime', true],
      ] as const)
    : []),
];

describe(titled('An encrypted ONNX network', noOnnxruntime), () => {
  it.each(ways)('detects %s what the plain one does', async (_where, engine, isolate) => {
    const folder = mkdtempSync(join(tmpdir(), 'goshawk-encrypted-onnx-'));
    const identity = await (await fleetIdentities())('cam-1');
    await writeFixedBundle(join(folder, 'plain'), readFileSync(fixedOnnx));
    await encryptFor(folder, ['plain', 'sealed'], identity);
    const sealed = new SealedModels(() => identity.key);
    const machine = new MachineEngines({
      ...{ log: silentLog, isolate },
      plain: (bundle, file) => sealed.plain(bundle, file),
    });
    const seen = [];
    for (const name of ['sealed', 'plain']) {
      const detector = await machine.open(engine, await readBundle(join(folder, name)), {});
      seen.push(await found(detector));
      await detector.close();
    }
    rmSync(folder, { recursive: true });
    expect(seen[0]?.length).toBeGreaterThan(0);
    expect(seen[0]).toEqual(seen[1]);
  });
});

/** The reference engine stands for TensorRT behind the same C ABI: its plan is a copy of the network. */
describe.skipIf(why !== undefined)(titled('The plan of an encrypted model', why), () => {
  let folder: string;
  let mine: DownloadIdentity;
  let other: DownloadIdentity;
  let built: string[];
  let open: Detector[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-encrypted-plan-'));
    built = [];
    open = [];
    const issue = await fleetIdentities();
    [mine, other] = [await issue('cam-1'), await issue('cam-2')];
    await writeFixedBundle(join(folder, 'plain'), network);
    await encrypt('plain', 'sealed', mine);
  });
  afterEach(async () => {
    for (const detector of open) await detector.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const encrypt = (from: string, out: string, identity: DownloadIdentity, keyFile?: string) =>
    encryptFor(folder, [from, out], identity, keyFile);
  const engines = () => join(folder, 'engines');
  const plans = () => readdirSync(engines()).filter((name) => name.endsWith('.plan'));

  function board(identity = mine, more: EngineCacheManagerOptions = {}, lockMemory = false) {
    const sealed = new SealedModels(() => identity.key);
    const cache = new EngineCacheManager(engines(), {
      plugin: pluginPath('reference') ?? '',
      onBuildEvent: ({ kind }) => built.push(kind),
      ...more,
    });
    const machine = new MachineEngines({
      ...{ log: silentLog, plans: cache, lockMemory },
      plain: (bundle, file) => sealed.plain(bundle, file),
      planSeal: (bundle, file) => sealed.planSeal(bundle, file),
    });
    const start = async (name: string) => {
      const detector = await machine.open('tensorrt', await readBundle(join(folder, name)), {});
      open.push(detector);
      return detector;
    };
    return { cache, start };
  }
  /** Files below the folder that hold it, but for the bundle that lies in plain. */
  const holding = (text: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('plain'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => readFileSync(path).includes(text));

  it('detects as that of the plain one, and lies encrypted', async () => {
    const sealed = await board().start('sealed');
    expect(built).toContain('built');
    expect(plans()).toHaveLength(1);
    expect(holding(secret.slice(0, 64))).toEqual([]);
    const plain = await board().start('plain');
    expect(await found(sealed)).toHaveLength(2);
    expect(await found(sealed)).toEqual(await found(plain));
    // The plan of the plain one is another file, and is what the search finds.
    expect(plans()).toHaveLength(2);
    expect(holding(secret.slice(0, 64))).toHaveLength(1);
  });

  const unlimited = /Max locked memory +unlimited/.test(readFileSync('/proc/self/limits', 'utf8'));
  it.skipIf(unlimited)(
    `is not built where its memory cannot be locked, and may be built later${unlimited ? ' (skipped: here it can be)' : ''}`,
    async () => {
      await expect(board(mine, {}, true).start('sealed')).rejects.toMatchObject({
        code: 'native-memory-lock',
        message: expect.stringContaining("The builder's memory"),
      });
      expect(built).toEqual(['building']);
      expect(plans()).toEqual([]);
      await board().start('sealed');
      expect(plans()).toHaveLength(1);
    },
  );

  it('is there after a restart, without another build', async () => {
    await board().start('sealed');
    built = [];
    await board().start('sealed');
    expect(built).toEqual([]);
  });

  it('runs in a process of its own and in this one', async () => {
    const { cache } = board();
    const sealed = new SealedModels(() => mine.key);
    for (const isolate of [true, false]) {
      const bundle = await readBundle(join(folder, 'sealed'));
      const seal = sealed.planSeal(bundle, bundle.manifest.variants[0]!.file);
      const detector = await cache.open(bundle, { isolate }, { seal });
      open.push(detector);
      expect(await found(detector)).toHaveLength(2);
    }
  });

  it('does not open for another device, nor for one that was left out since; and that is not held against the model', async () => {
    await expect(board(other).start('sealed')).rejects.toMatchObject({ code: 'sealed-for-others' });
    await board().start('sealed');
    await expect(board(other).start('sealed')).rejects.toMatchObject({ code: 'sealed-for-others' });
    await encrypt('sealed', 'sealed-2', other);
    await expect(board().start('sealed-2')).rejects.toMatchObject({ code: 'sealed-for-others' });
    built = [];
    await board().start('sealed');
    expect(built).toEqual([]);
  });

  it('of another key, or changed on disk, is built again', async () => {
    await board().start('sealed');
    await encrypt('plain', 'sealed-2', mine, 'another-key');
    built = [];
    await board().start('sealed-2');
    expect(built).toContain('built');
    built = [];
    const [name = ''] = plans();
    const bytes = readFileSync(join(engines(), name));
    bytes[10]! ^= 1;
    writeFileSync(join(engines(), name), bytes);
    await board().start('sealed-2');
    expect(built).toContain('built');
  });

  it('is neither requested from peers nor given to them', async () => {
    const asked: string[] = [];
    const { cache, start } = board(mine, {
      fetchPlan: async (key) => {
        asked.push(key);
        return undefined;
      },
    });
    await start('sealed');
    expect(asked).toEqual([]);
    await cache.prove(await readBundle(join(folder, 'sealed')));
    const own = ownEngines(engines(), () => mine);
    const key = plans()[0]!.slice(0, -'.plan'.length);
    expect(await own.offer(key)).toBeUndefined();
    expect((await own.files()).size).toBe(0);
    // As one that lies in plain is.
    await start('plain');
    await cache.prove(await readBundle(join(folder, 'plain')));
    expect(asked).toHaveLength(1);
    expect((await own.files()).size).toBe(1);
  });

  it('that is cut off while it is built leaves nothing that can be read', async () => {
    const controller = new AbortController();
    const { cache } = board(mine, { deviceOptions: { build_ms: '60000' } });
    const bundle = await readBundle(join(folder, 'sealed'));
    const seal = new SealedModels(() => mine.key).planSeal(bundle, bundle.manifest.variants[0]!.file);
    const building = cache.open(
      bundle,
      {},
      { seal, signal: controller.signal, onProgress: () => controller.abort() },
    );
    await expect(building).rejects.toMatchObject({ code: 'cancelled' });
    expect(holding(secret.slice(0, 64))).toEqual([]);
    mkdirSync(engines(), { recursive: true });
    expect(plans()).toEqual([]);
  });
});
