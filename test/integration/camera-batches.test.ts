import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { NativeDetector } from '../../device/native/index.ts';
import { OnnxruntimeDetector } from '../../src/adapters/onnxruntime/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import type { Manifest } from '../../src/model/index.ts';
import { type Detector, defaultDetectionSettings, type Frame, Pipeline } from '../../src/perception/index.ts';
import { withBatch } from '../../src/workbench/import/batch.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { tinyBundle } from '../fixtures/tiny-bundle.ts';
import { FakeSink, FakeSource } from '../unit/perception/fakes.ts';

/** A network whose boxes follow the grey of its picture, exported for one picture. */
const fixed = readFileSync(fileURLToPath(new URL('../fixtures/native/fixed.onnx', import.meta.url)));

const contracts: Pick<Manifest, 'input' | 'output'> = {
  input: { ...tinyBundle().manifest.input, width: 64, height: 64, colorOrder: 'rgb', fit: 'stretch', pad: 0 },
  output: { decoder: 'yolov5', tensors: ['output'] },
};
const bundle = tinyBundle({ labels: ['car', 'person'], ...contracts });

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const batches = { maxBatch: 4, maxWaitMs: 1000 } as const;
const engines: readonly [string, string | undefined, (modelBytes: Uint8Array) => Promise<Detector>][] = [
  [
    'ONNX Runtime in a worker thread',
    undefined,
    (modelBytes) => OnnxruntimeDetector.create(bundle, { modelBytes, ...batches }),
  ],
  [
    'the native data plane',
    missingPlugin('onnxruntime'),
    (modelBytes) => NativeDetector.create(bundle, { modelBytes, engine: 'onnxruntime', ...batches }),
  ],
];

function grey(camera: string, level: number, sequence = 0): Frame {
  return {
    ...{ camera, sequence, stampNs: 0n, frameId: camera, width: 64, height: 64, encoding: 'mono8', step: 64 },
    pixels: { data: new Uint8Array(64 * 64).fill(level), release() {} },
  };
}

describe.each(engines)('Four cameras on %s', (_name, why, create) => {
  it.skipIf(why !== undefined)(
    titled('share runs of a model that was exported for one picture and freed', why),
    async () => {
      const detector = await create(await withBatch(fixed, 'dynamic', contracts));
      expect(detector.capacity).toBe(4);
      const sink = new FakeSink();
      const pipeline = new Pipeline({ detector, clock: new SystemClock(), tracker: false, sinks: [sink] });
      const sources = ['a', 'b', 'c', 'd'].map((camera) => new FakeSource(camera));
      for (const source of sources) await pipeline.add(source);
      await pipeline.start();
      open.push(detector, pipeline);
      for (const [i, { receiver, camera }] of sources.entries()) void receiver?.frame(grey(camera, i * 10));
      const { results } = sink;
      await expect.poll(() => results.length, { timeout: 20_000 }).toBe(4);
      // One run: its time is that of each of them.
      expect(new Set(results.map(({ timings }) => timings.inferMs)).size).toBe(1);
      // And each has its own answer.
      const left = (camera: string) =>
        results.find((result) => result.camera === camera)?.detections[0]?.box.x1;
      expect(sources.map(({ camera }) => left(camera))).toEqual([15, 25, 35, 45]);
    },
  );

  it.skipIf(why !== undefined)(titled('lose nothing by one whose picture is damaged', why), async () => {
    const detector = await create(await withBatch(fixed, 'dynamic', contracts));
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
      const detector = await create(await withBatch(fixed, '1', contracts));
      open.push(detector);
      expect(detector.capacity).toBe(1);
    },
  );
});
