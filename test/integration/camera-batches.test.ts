import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { NativeDetector } from '../../device/native/index.ts';
import { inspectOnnx, OnnxruntimeDetector } from '../../src/adapters/onnxruntime/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import type { Manifest } from '../../src/model/index.ts';
import { saveModel } from '../../src/optimize/index.ts';
import { type Detector, defaultDetectionSettings, type Frame, Pipeline } from '../../src/perception/index.ts';
import { withBatch } from '../../src/workbench/import/batch.ts';
import { importBundle } from '../../src/workbench/index.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { headOf } from '../fixtures/head.ts';
import { tinyBundle } from '../fixtures/tiny-bundle.ts';
import { GraphBuilder } from '../unit/optimize/graphs.ts';
import { FakeSink, FakeSource } from '../unit/perception/fakes.ts';

/** A network whose boxes follow the grey of its picture, exported for one picture. */
const fixed = readFileSync(fileURLToPath(new URL('../fixtures/native/fixed.onnx', import.meta.url)));

const contracts: Pick<Manifest, 'input' | 'output'> = {
  input: { ...tinyBundle().manifest.input, width: 64, height: 64, colorOrder: 'rgb', fit: 'stretch', pad: 0 },
  output: headOf('yolov5', 2),
};
const bundle = tinyBundle({ labels: ['car', 'person'], ...contracts });

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const engines: readonly [
  string,
  string | undefined,
  (modelBytes: Uint8Array, maxWaitMs: number) => Promise<Detector>,
][] = [
  [
    'ONNX Runtime in a worker thread',
    undefined,
    (modelBytes, maxWaitMs) => OnnxruntimeDetector.create(bundle, { modelBytes, maxBatch: 4, maxWaitMs }),
  ],
  [
    'the native data plane',
    missingPlugin('onnxruntime'),
    (modelBytes, maxWaitMs) =>
      NativeDetector.create(bundle, { modelBytes, engine: 'onnxruntime', maxBatch: 4, maxWaitMs }),
  ],
];

function grey(camera: string, level: number, sequence = 0): Frame {
  return {
    ...{ camera, sequence, stampNs: 0n, frameId: camera, width: 64, height: 64, encoding: 'mono8', step: 64 },
    pixels: { data: new Uint8Array(64 * 64).fill(level), release() {} },
  };
}

/** A thread, a network and its trial for each. */
const slow = { timeout: 180_000 };

describe.each(engines)('Four cameras on %s', slow, (_name, why, create) => {
  it.skipIf(why !== undefined)(
    titled('share runs of a model that was exported for one picture and freed', why),
    async () => {
      // As long as it takes to fill it.
      const detector = await create(await withBatch(fixed, 'dynamic', contracts), 60_000);
      expect(detector.capacity).toBe(4);
      const sink = new FakeSink();
      const pipeline = new Pipeline({ detector, clock: new SystemClock(), tracker: false, sinks: [sink] });
      const sources = ['a', 'b', 'c', 'd'].map((camera) => new FakeSource(camera));
      for (const source of sources) await pipeline.add(source);
      await pipeline.start();
      open.push(detector, pipeline);
      for (const [i, { receiver, camera }] of sources.entries()) void receiver?.frame(grey(camera, i * 10));
      const { results } = sink;
      await expect.poll(() => results.length, { timeout: 120_000 }).toBe(4);
      // One run: its time is that of each of them.
      expect(new Set(results.map(({ timings }) => timings.inferMs)).size).toBe(1);
      // And each has its own answer.
      const left = (camera: string) =>
        results.find((result) => result.camera === camera)?.detections[0]?.box.x1;
      expect(sources.map(({ camera }) => left(camera))).toEqual([15, 25, 35, 45]);
    },
  );

  it.skipIf(why !== undefined)(titled('lose nothing by one whose picture is damaged', why), async () => {
    // One that is refused may leave the run short.
    const detector = await create(await withBatch(fixed, 'dynamic', contracts), 500);
    open.push(detector);
    const damaged = { ...grey('b', 0), pixels: { data: new Uint8Array(7), release() {} } };
    const some = [grey('a', 0), damaged, grey('c', 20), grey('d', 30)];
    const outcome = await Promise.allSettled(
      some.map((frame) => detector.detect(frame, defaultDetectionSettings)),
    );
    expect(outcome.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  });

  it.skipIf(why !== undefined)(
    titled('run one by one where the number of pictures is fixed', why),
    async () => {
      const detector = await create(await withBatch(fixed, '1', contracts), 0);
      open.push(detector);
      expect(detector.capacity).toBe(1);
    },
  );
});

describe('A network that is imported', slow, () => {
  const importAs = async (batch: 'dynamic' | '1' | undefined, network: Uint8Array = fixed) => {
    const folder = await mkdtemp(join(tmpdir(), 'goshawk-batch-'));
    open.push({ close: () => rm(folder, { recursive: true }) });
    const [file, labels] = [join(folder, 'net.onnx'), join(folder, 'labels.txt')];
    await writeFile(file, network);
    await writeFile(labels, 'car\nperson\n');
    const made = await importBundle(
      file,
      {
        ...{ labels, out: join(folder, 'bundle'), decoder: 'yolov5', modelVersion: '1.0.0', licence: 'none' },
        check: false,
        ...(batch === undefined ? {} : { batch }),
      },
      { log: silentLog, signal: new AbortController().signal },
    );
    const [variant] = made.manifest.variants;
    const { inputs } = await inspectOnnx(await readFile(join(made.location, variant!.file.path)), 'net');
    return { first: inputs[0]?.shape[0], made };
  };

  it('takes one picture per run as its file says, or any number where that was asked for', async () => {
    const plain = await importAs(undefined);
    expect(plain.first).toBe(1);
    expect(plain.made.manifest.variants[0]?.file.digest).toBe(plain.made.manifest.provenance.sourceDigest);
    const freed = await importAs('dynamic');
    expect(typeof freed.first).toBe('string');
    // The file that was given is still named.
    expect(freed.made.manifest.provenance.sourceDigest).toBe(plain.made.manifest.provenance.sourceDigest);
    expect((await importAs('1', await withBatch(fixed, 'dynamic', contracts))).first).toBe(1);
  });
});

it('A network whose pictures may meet is not freed, and it is said where they do', async () => {
  const b = new GraphBuilder([1, 3, 64, 64], 1);
  const at = b.relu(b.conv('x', 4, 3));
  const network = saveModel(b.output(b.node('Concat', [at, at], { axis: 0 })[0]!));
  const refusal = withBatch(network, 'dynamic', contracts);
  await expect(refusal).rejects.toMatchObject({ code: 'model-batch-fixed' });
  await expect(refusal).rejects.toThrow(/Concat .* may mix pictures/);
});
