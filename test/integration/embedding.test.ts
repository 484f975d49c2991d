import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { NativeDetector } from '../../device/native/index.ts';
import { readBundle } from '../../src/adapters/filesystem/index.ts';
import { OnnxruntimeGraphRunner } from '../../src/adapters/graph-runner/index.ts';
import { OnnxruntimeDetector } from '../../src/adapters/onnxruntime/index.ts';
import type { Bundle } from '../../src/model/index.ts';
import { cloneGraph, exposeValue, loadModel, poolEmbedding, saveModel } from '../../src/optimize/index.ts';
import { int64Tensor } from '../../src/optimize/onnx/tensor.ts';
import { prepareGraph } from '../../src/optimize/passes/prepare.ts';
import { writeFloat16 } from '../../src/optimize/quantize/float16.ts';
import {
  type Detector,
  defaultDetectionSettings,
  type Frame,
  Letterboxer,
} from '../../src/perception/index.ts';
import { createStreet } from '../../src/simulation/index.ts';
import { withEmbedding } from '../../src/workbench/import/network-file.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { headOf } from '../fixtures/head.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { tinyBundle } from '../fixtures/tiny-bundle.ts';
import { GraphBuilder } from '../unit/optimize/graphs.ts';
import { goshawk, projectRoot } from './goshawk.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const model = join(projectRoot, 'models/street/street.onnx');
const labels = join(projectRoot, 'models/street/labels.txt');
/** The output of the deepest stage of the backbone, 1 x 192 x 6 x 10. */
const map = '/net/c4/cv3/act/Relu_output_0';
const why = missingPlugin('onnxruntime');
const open: Detector[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((detector) => detector.close()));
});
const opened = <Opened extends Detector>(detector: Opened): Opened => {
  open.push(detector);
  return detector;
};

function frameOf(width: number, height: number, data: Uint8Array): Frame {
  return {
    ...{ camera: 'front', sequence: 0, stampNs: 0n, frameId: '', width, height, encoding: 'rgb8' as const },
    step: width * 3,
    pixels: { data, release() {} },
  };
}

function streetFrame(): Frame {
  const [width, height] = [320, 180];
  const data = new Uint8Array(width * height * 3);
  createStreet({ seed: 3, width, height }).render(20, data);
  return frameOf(width, height, data);
}

const embeddingOf = async (detector: Detector, frame: Frame): Promise<number[]> =>
  Array.from((await detector.detect(frame, defaultDetectionSettings)).embedding ?? []);

function expectClose(got: readonly number[], wanted: readonly number[], within: number): void {
  expect(got).toHaveLength(wanted.length);
  const largest = Math.max(...wanted.map(Math.abs));
  for (const [i, value] of got.entries()) expect(Math.abs(value - wanted[i]!)).toBeLessThan(within * largest);
}

describe('A bundle that names an embedding', () => {
  let folder = '';
  let bundle: Bundle;
  /** Mean over the picture of every channel of the map, by a network that gives the map itself. */
  let wanted: number[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-embedding-'));
    const ran = await goshawk(
      ...['model', 'import', model, '--labels', labels, '--out', join(folder, 'bundle'), '--embedding', map],
    );
    expect(ran.code, ran.stderr).toBe(0);
    bundle = await readBundle(join(folder, 'bundle'), 'digests');
    expect(bundle.manifest.output.embedding).toBe('goshawk_embedding');

    const graph = loadModel(readFileSync(model));
    exposeValue(graph, map);
    const runner = new OnnxruntimeGraphRunner();
    const loaded = await runner.load(saveModel(graph));
    const { input } = bundle.manifest;
    const letterboxer = new Letterboxer(input);
    const data = letterboxer.allocate() as Float32Array;
    const frame = streetFrame();
    letterboxer.run({ ...frame, data: frame.pixels.data }, data);
    const dims = [1, 3, input.height, input.width];
    const { outputs } = await loaded.run({ [input.tensor]: { dataType: 1, dims, data } });
    const tensor = outputs[map]!;
    const [, channels = 0, height = 0, width = 0] = tensor.dims;
    const area = height * width;
    wanted = Array.from({ length: channels }, (_, c) => {
      let sum = 0;
      for (let i = 0; i < area; i++) sum += Number(tensor.data[c * area + i]);
      return sum / area;
    });
    await loaded.close();
    await runner.close();
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('gives it with every frame: the mean of every channel over the picture', async () => {
    const detector = opened(await OnnxruntimeDetector.create(bundle));
    const got = await embeddingOf(detector, streetFrame());
    expectClose(got, wanted, 1e-5);
    expect(new Set(got).size).toBeGreaterThan(50);
  });

  it('finds the same boxes as without it', async () => {
    const plain = opened(await OnnxruntimeDetector.create(await readBundle('models/street', 'digests')));
    const embedded = opened(await OnnxruntimeDetector.create(bundle));
    const [one, other] = await Promise.all(
      [plain, embedded].map((detector) => detector.detect(streetFrame(), defaultDetectionSettings)),
    );
    expect(one!.embedding).toBeUndefined();
    expect(other!.detections).toEqual(one!.detections);
    expect(other!.detections.length).toBeGreaterThan(0);
  });

  it.skipIf(why !== undefined)(titled('gives the same from the native engine', why), async () => {
    const detector = opened(await NativeDetector.create(bundle));
    expectClose(await embeddingOf(detector, streetFrame()), wanted, 1e-3);
  });

  it('keeps it as float16, in float32 at its end', async () => {
    const graph = loadModel(readFileSync(join(bundle.location, 'fp32.onnx')));
    const runner = new OnnxruntimeGraphRunner();
    await prepareGraph(graph, runner);
    await runner.close();
    const modelBytes = saveModel(writeFloat16(graph).graph);
    const detector = opened(await OnnxruntimeDetector.create(bundle, { modelBytes }));
    expectClose(await embeddingOf(detector, streetFrame()), wanted, 1e-2);
  });

  it('is refused where its model has no such output, by both engines', async () => {
    const modelBytes = readFileSync(model);
    const refusal = {
      code: 'model-output',
      message: 'The model has no output "goshawk_embedding" for the embedding.',
      remedy: expect.stringContaining('--embedding'),
    };
    await expect(OnnxruntimeDetector.create(bundle, { modelBytes })).rejects.toMatchObject(refusal);
    if (why === undefined)
      await expect(NativeDetector.create(bundle, { modelBytes })).rejects.toMatchObject(refusal);
  });
});

describe('goshawk model import --embedding', () => {
  it.each([
    [
      'a tensor that is not there',
      'layer4',
      /no tensor "layer4".*convolutions in the middle .* give \/net\//s,
    ],
    ['boxes', 'output', /"output" is batchx3780x10; an embedding is pooled from a feature map 1xCxHxW/],
    ['an empty name', '', /no tensor ""/],
  ])('refuses %s, and says what to name', async (_, tensor, words) => {
    const folder = join(temporaryFolder(), 'bundle');
    const ran = await goshawk(
      ...['model', 'import', model, '--labels', labels, '--out', folder, `--embedding=${tensor}`],
    );
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(words);
    expect(() => readFileSync(join(folder, 'manifest.json'))).toThrow();
  });

  it('takes an output of the exporter that is pooled already as it is', async () => {
    const graph = loadModel(readFileSync(model));
    const name = poolEmbedding(graph, map, 192);
    const bytes = saveModel(graph);
    const taken = await withEmbedding(bytes, 'street', name);
    expect(taken.model).toBe(bytes);
    expect(taken.output).toBe(name);
  });
});

describe('Frames of several cameras in one run', () => {
  /** One convolution of a free batch, whose 6 channels are boxes and embedding alike. */
  function network(): Uint8Array {
    const b = new GraphBuilder(['n', 3, 32, 32]);
    const conv = b.conv('x', 6, 3, 1, 8);
    b.graph.setInitializer(int64Tensor('s', [3], [0, 6, 16]));
    const [flat = ''] = b.node('Reshape', [conv, 's']);
    const [boxes = ''] = b.node('Transpose', [flat], { perm: [0, 2, 1] });
    const graph = cloneGraph(b.output(boxes));
    graph.proto.output[0]!.type!.tensorType!.shape!.dim = [
      { dimParam: 'n' },
      { dimValue: 16n },
      { dimValue: 6n },
    ];
    poolEmbedding(graph, conv, 6);
    return saveModel(graph);
  }

  it.skipIf(why !== undefined)(titled('each have their own embedding', why), async () => {
    const modelBytes = network();
    const names = loadModel(modelBytes).proto.output.map(({ name = '' }) => name);
    const { manifest } = tinyBundle();
    const bundle = tinyBundle({
      input: { ...manifest.input, tensor: 'x' },
      output: { ...headOf('yolox', 1, { tensor: names[0]!, strides: [8] }), embedding: names[1]! },
    });
    const frames = [0, 60, 120, 250].map((value) =>
      frameOf(
        32,
        32,
        Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (value + (i % 97)) % 256),
      ),
    );
    const single = opened(await OnnxruntimeDetector.create(bundle, { modelBytes }));
    const batched = opened(await NativeDetector.create(bundle, { modelBytes, maxBatch: 4, maxWaitMs: 2000 }));
    expect(batched.capacity).toBe(4);
    const got = await Promise.all(frames.map((frame) => embeddingOf(batched, frame)));
    for (const [i, frame] of frames.entries()) {
      const wanted = await embeddingOf(single, frame);
      expect(wanted).toHaveLength(6);
      expectClose(got[i]!, wanted, 1e-4);
    }
    expect(got[0]).not.toEqual(got[1]);
  });
});
