import { NativeDetector } from '../../device/native/index.ts';
import { OnnxruntimeDetector } from '../../src/adapters/onnxruntime/index.ts';
import { jpegDecoderUrl } from '../../src/adapters/sharp/index.ts';
import { missingPlugin } from '../conformance/native-build.ts';
import { FakeDetector } from '../fakes/fake-pipeline.ts';
import { tinyBundle } from '../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../fixtures/tiny-onnx.ts';
import { describeDetector } from './detector.ts';

const upperLeft = ({ width, height }: { readonly width: number; readonly height: number }) => [
  { classId: 0, label: 'car', score: 0.9, box: { x1: 0, y1: 0, x2: width / 2, y2: height / 2 } },
];

describeDetector('the fake', async () => new FakeDetector(`sha256:${'a'.repeat(64)}`, '1', upperLeft));

describeDetector('ONNX Runtime in worker threads', () =>
  OnnxruntimeDetector.create(tinyBundle(), {
    modelBytes: tinyOnnx(),
    jpegDecoderModule: jpegDecoderUrl,
  }),
);

describeDetector(
  'the native data plane',
  () => NativeDetector.create(tinyBundle(), { modelBytes: tinyOnnx(), capacity: 2 }),
  missingPlugin('onnxruntime'),
);
