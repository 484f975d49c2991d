import { afterEach, describe, expect, it } from 'vitest';
import { NativeDetector } from '../../device/native/index.ts';
import { OnnxruntimeDetector } from '../../src/adapters/onnxruntime/index.ts';
import type { Bundle, ConstantInput, Head } from '../../src/model/index.ts';
import { saveModel } from '../../src/optimize/index.ts';
import { int64Tensor } from '../../src/optimize/onnx/tensor.ts';
import { type Detector, defaultDetectionSettings, type Frame } from '../../src/perception/index.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { tinyBundle } from '../fixtures/tiny-bundle.ts';
import { GraphBuilder, valueInfo } from '../unit/optimize/graphs.ts';

const why = missingPlugin('onnxruntime');
const open: Detector[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((detector) => detector.close()));
});

const float = 1;
const int64 = 7;

/**
 * As RT-DETR is exported: labels, boxes and scores of three queries. Boxes are parts of the sizes that come as a second input;
 * scores grow with the picture's brightness.
 */
function network(sizes: 'int64' | 'int32' = 'int64'): Uint8Array {
  const b = new GraphBuilder([1, 3, 32, 32]);
  b.graph.proto.input.push(valueInfo('orig_target_sizes', [1, 2], sizes === 'int64' ? int64 : 6));
  b.graph.setInitializer(int64Tensor('classes', [1, 3], [1, 0, 2]));
  const [labels = ''] = b.node('Identity', ['classes']);
  const [size = ''] = b.node('Cast', ['orig_target_sizes'], { to: float });
  const [both = ''] = b.node('Concat', [size, size], { axis: 1 });
  const parts = Float32Array.of(0, 0, 0.5, 0.5, 0.25, 0.5, 0.75, 1, 0.5, 0, 1, 0.25);
  const [boxes = ''] = b.node('Mul', [b.constant([1, 3, 4], parts), both]);
  const [brightness = ''] = b.node('ReduceMean', ['x'], { axes: [1, 2, 3], keepdims: 0 });
  const [scores = ''] = b.node('Mul', [b.constant([1, 3], Float32Array.of(1, 0.75, 0.5)), brightness]);
  b.graph.proto.output = [
    valueInfo(labels, [1, 3], int64),
    valueInfo(boxes, [1, 3, 4]),
    valueInfo(scores, [1, 3]),
  ];
  b.graph.changed();
  return saveModel(b.graph);
}

const target: ConstantInput = {
  tensor: 'orig_target_sizes',
  ...{ dtype: 'int64', shape: [1, 2], values: [32, 16] },
};

/** Labels, boxes and scores, as GraphBuilder counts its values. */
const head: Head = {
  outputs: [
    { tensors: ['v1'], axis: 'none', values: 1 },
    { tensors: ['v5'], axis: 'last', values: 4 },
    { tensors: ['v8'], axis: 'none', values: 1 },
  ],
  boxes: { output: 1, at: 0, format: 'xyxy', unit: 'pixels' },
  scores: { output: 2, at: 0 },
  classes: { output: 0, at: 0 },
  final: true,
};

function bundle(constants: readonly ConstantInput[] = [target]): Bundle {
  const { manifest } = tinyBundle();
  return tinyBundle({
    labels: ['car', 'person', 'dog'],
    input: { ...manifest.input, tensor: 'x', scale: 1 / 255, fit: 'stretch', constants: [...constants] },
    output: { family: 'rt-detr', ...head },
  });
}

const grey = (level: number): Frame => ({
  ...{ camera: 'front', sequence: 0, stampNs: 0n, frameId: '', width: 64, height: 32, encoding: 'mono8' },
  step: 64,
  pixels: { data: new Uint8Array(64 * 32).fill(level), release() {} },
});

interface Options {
  readonly modelBytes: Uint8Array;
  readonly maxBatch?: number;
  readonly isolate?: boolean;
}

const engines: readonly [
  string,
  string | undefined,
  (bundle: Bundle, options: Options) => Promise<Detector>,
][] = [
  ['onnxruntime-node', undefined, (of, options) => OnnxruntimeDetector.create(of, options)],
  ['the native engine', why, (of, options) => NativeDetector.create(of, options)],
  [
    'the native engine in a process of its own',
    why,
    (of, options) => NativeDetector.create(of, { ...options, isolate: true }),
  ],
];

describe.each(engines)('A network with three outputs and a constant input on %s', (name, missing, create) => {
  const run = it.skipIf(missing !== undefined);

  run(
    titled(`reads labels as integers and boxes in the sizes that it feeds (${name})`, missing),
    async () => {
      const detector = await create(bundle(), { modelBytes: network() });
      open.push(detector);
      const settings = { ...defaultDetectionSettings, scoreThreshold: 0.6 };
      for (let round = 0; round < 3; round++) {
        const { detections } = await detector.detect(grey(255), settings);
        expect(detections.map(({ label }) => label)).toEqual(['person', 'car']);
        expect(detections.map(({ score }) => score)).toEqual([1, expect.closeTo(0.75, 5)]);
        // The picture has twice the width of the input; the network was told that the input has half its height.
        expect(detections[0]!.box).toEqual({ x1: 0, y1: 0, x2: 32, y2: 8 });
        expect(detections[1]!.box).toEqual({ x1: 16, y1: 8, x2: 48, y2: 16 });
        const dark = await detector.detect(grey(102), { ...settings, scoreThreshold: 0.35 });
        expect(dark.detections.map(({ label }) => label)).toEqual(['person']);
      }
    },
  );

  run(titled(`feeds int32 too, and one picture at a time (${name})`, missing), async () => {
    const constants = [{ ...target, dtype: 'int32' as const }];
    const detector = await create(bundle(constants), { modelBytes: network('int32'), maxBatch: 4 });
    open.push(detector);
    expect(detector.capacity).toBe(1);
    const { detections } = await detector.detect(grey(255), defaultDetectionSettings);
    expect(detections).toHaveLength(3);
  });

  run.each([
    ['feeds nothing to its second input', []],
    ['feeds another type', [{ ...target, dtype: 'int32' as const }]],
    ['feeds another shape', [{ ...target, shape: [2] }]],
    ['feeds an input that is not there', [target, { ...target, tensor: 'scale_factor' }]],
  ])('is refused by a bundle that %s', async (_, constants) => {
    const created = create(bundle(constants), { modelBytes: network() });
    await expect(created).rejects.toMatchObject({ message: expect.stringMatching(/input/i) });
  });
});
