import { afterEach, describe, expect, it } from 'vitest';
import { NativeDetector } from '../../device/native/index.ts';
import { OnnxruntimeDetector } from '../../src/adapters/onnxruntime/index.ts';
import { saveModel } from '../../src/optimize/index.ts';
import { int64Tensor } from '../../src/optimize/onnx/tensor.ts';
import { type Detector, defaultDetectionSettings, type Frame } from '../../src/perception/index.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { tinyBundle } from '../fixtures/tiny-bundle.ts';
import { GraphBuilder, valueInfo } from '../unit/optimize/graphs.ts';

const why = missingPlugin('onnxruntime');
const open: Detector[] = [];
afterEach(() => Promise.all(open.splice(0).map((detector) => detector.close())));

/** As torchvision's detectors: boxes, labels and scores of those of three whose score is above 0.3; scores follow the brightness. */
function network() {
  const b = new GraphBuilder([1, 3, 32, 32]);
  b.graph.setInitializer(int64Tensor('kinds', [3], [1, 2, 1]));
  b.graph.setInitializer(int64Tensor('flat', [1], [-1]));
  const [brightness = ''] = b.node('ReduceMean', ['x'], { axes: [0, 1, 2, 3], keepdims: 0 });
  const [scores = ''] = b.node('Mul', [b.constant([3], Float32Array.of(1, 0.75, 0.5)), brightness]);
  const [above = ''] = b.node('Greater', [scores, b.constant([1], Float32Array.of(0.3))]);
  const [places = ''] = b.node('NonZero', [above]);
  const [rows = ''] = b.node('Reshape', [places, 'flat']);
  const boxes = b.constant([3, 4], Float32Array.of(0, 0, 16, 16, 8, 8, 24, 32, 16, 0, 32, 8));
  const [box = ''] = b.node('Gather', [boxes, rows], { axis: 0 });
  const [label = ''] = b.node('Gather', ['kinds', rows], { axis: 0 });
  const [score = ''] = b.node('Gather', [scores, rows], { axis: 0 });
  const output = (name: string, sides: readonly (number | string)[], type?: number) => {
    const info = valueInfo(name, [1], type);
    info.type!.tensorType!.shape!.dim = sides.map((side) =>
      typeof side === 'number' ? { dimValue: BigInt(side) } : { dimParam: side },
    ) as never;
    return info;
  };
  b.graph.proto.output = [output(box, ['num', 4]), output(label, ['num'], 7), output(score, ['num'])];
  b.graph.changed();
  return { bytes: saveModel(b.graph), tensors: [box, label, score] as const };
}

function bundleOf([box, label, score]: readonly [string, string, string]) {
  const { manifest } = tinyBundle();
  const unbatched = { unbatched: true };
  return tinyBundle({
    labels: ['__background__', 'person', 'car'],
    input: { ...manifest.input, tensor: 'x', scale: 1 / 255, fit: 'stretch' },
    output: {
      family: 'torchvision',
      outputs: [
        { tensors: [box], axis: 'last', values: 4, ...unbatched },
        { tensors: [label], axis: 'none', values: 1, ...unbatched },
        { tensors: [score], axis: 'none', values: 1, ...unbatched },
      ],
      boxes: { output: 0, at: 0, format: 'xyxy', unit: 'pixels' },
      scores: { output: 2, at: 0 },
      classes: { output: 1, at: 0 },
      final: true,
    },
  });
}

const grey = (level: number): Frame => ({
  ...{ camera: 'front', sequence: 0, stampNs: 0n, frameId: '', width: 64, height: 32, encoding: 'mono8' },
  step: 64,
  pixels: { data: new Uint8Array(64 * 32).fill(level), release() {} },
});

describe('A network that gives as many rows as it found', () => {
  it('finds some, none, and some again on onnxruntime-node', async () => {
    const { bytes, tensors } = network();
    const detector = await OnnxruntimeDetector.create(bundleOf(tensors), { modelBytes: bytes });
    open.push(detector);
    const found = async (level: number) => {
      const { detections } = await detector.detect(grey(level), defaultDetectionSettings);
      return detections.map(({ label }) => label);
    };
    expect(await found(255)).toEqual(['person', 'car', 'person']);
    expect(await found(0)).toEqual([]);
    expect(await found(128)).toEqual(['person', 'car']);
  });

  it.skipIf(why !== undefined)(
    titled('is refused by a native engine in words, so that another engine is chosen', why),
    async () => {
      const { bytes, tensors } = network();
      const opened = NativeDetector.create(bundleOf(tensors), { modelBytes: bytes });
      await expect(opened).rejects.toMatchObject({ name: 'InputError', code: 'native-open-rows' });
    },
  );
});
