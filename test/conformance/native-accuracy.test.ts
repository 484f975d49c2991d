import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NativeDetector, type NativeDetectorOptions } from '../../device/native/index.ts';
import { OnnxruntimeDetector } from '../../src/adapters/onnxruntime/index.ts';
import { decodePicture } from '../../src/adapters/sharp/index.ts';
import { type Bundle, type Manifest, parseLabels, proposeContracts } from '../../src/model/index.ts';
import {
  type Detector,
  defaultDetectionSettings,
  type EvaluatedImage,
  evaluate,
  type Frame,
  parseYoloLabels,
} from '../../src/perception/index.ts';
import { missingPlugin, sharedData, titled } from './native-build.ts';

const models = [
  {
    name: 'yolox-nano',
    file: 'yolox-nano/yolox_nano.onnx',
    decoder: 'yolox',
    tensor: 'images',
    side: 416,
    output: 'output',
  },
  {
    name: 'fastestdet',
    file: 'fastestdet/FastestDet.onnx',
    decoder: 'fastestdet',
    tensor: 'input.1',
    side: 352,
    output: '758',
  },
] as const;

const folder = sharedData('coco-evaluation');
const why =
  missingPlugin('onnxruntime') ?? (folder === undefined ? 'the shared pictures are not here' : undefined);
const settings = {
  ...defaultDetectionSettings,
  scoreThreshold: 0.01,
  iouThreshold: 0.65,
  maxDetections: 100,
};

function bundleOf(model: (typeof models)[number]): Bundle {
  const labels = parseLabels(readFileSync(sharedData('models/coco80.txt') ?? '', 'utf8'), 'coco80.txt');
  const { input, output } = proposeContracts(model.decoder, {
    inputs: [{ name: model.tensor, dtype: 'float32', shape: [1, 3, model.side, model.side] }],
    outputs: [{ name: model.output, dtype: 'float32', shape: [] }],
  });
  const digest = `sha256:${'0'.repeat(64)}`;
  const manifest: Manifest = {
    schema: 1,
    name: model.name,
    version: '1',
    task: 'detection',
    licence: 'see the data set',
    labels: [...labels],
    input,
    output,
    variants: [{ kind: 'fp32', file: { path: path.basename(model.file), digest, size: 0 } }],
    provenance: { sourceDigest: digest, createdBy: 'test', createdAt: '2026-01-01T00:00:00Z' },
  };
  return { digest, manifest, location: path.dirname(sharedData('models', model.file) ?? '') };
}

interface Picture {
  readonly frame: Frame;
  readonly jpeg: Frame;
  readonly truth: EvaluatedImage['truth'];
}

async function pictures(): Promise<Picture[]> {
  const root = folder ?? '';
  const out: Picture[] = [];
  for (const name of readdirSync(path.join(root, 'images')).sort()) {
    const bytes = new Uint8Array(readFileSync(path.join(root, 'images', name)));
    const { data, width, height, step, encoding } = await decodePicture(bytes, name);
    const common = { camera: 'coco', sequence: out.length, stampNs: 0n, frameId: '', width, height };
    const labels = path.join(root, 'labels', name.replace(/\.\w+$/, '.txt'));
    out.push({
      frame: { ...common, encoding, step, pixels: { data, release() {} } },
      jpeg: { ...common, encoding: 'jpeg', step: 0, pixels: { data: bytes, release() {} } },
      truth: parseYoloLabels(readFileSync(labels, 'utf8'), width, height, name),
    });
  }
  return out;
}

async function mapOf(
  detector: Detector,
  frames: readonly Picture[],
  kind: 'frame' | 'jpeg',
): Promise<number> {
  const images: EvaluatedImage[] = [];
  for (const picture of frames) {
    const { detections } = await detector.detect(picture[kind], settings);
    images.push({ truth: picture.truth, detections });
  }
  await detector.close();
  return evaluate(images).map * 100;
}

describe.skipIf(why !== undefined)(titled('accuracy of the native path on COCO pictures', why), () => {
  it.each(models)('of $name is that of the TypeScript path', { timeout: 240_000 }, async (model) => {
    const frames = await pictures();
    const bundle = bundleOf(model);
    const options: NativeDetectorOptions = { multiLabel: true, maxCandidates: 10_000 };
    const native = await mapOf(await NativeDetector.create(bundle, options), frames, 'frame');
    const reference = await mapOf(
      await OnnxruntimeDetector.create(bundle, options as { multiLabel: boolean }),
      frames,
      'frame',
    );
    const jpeg = await mapOf(await NativeDetector.create(bundle, options), frames, 'jpeg');
    expect(Math.abs(native - reference)).toBeLessThanOrEqual(0.2);
    // The reference got its pixels from another JPEG decoder, which rounds otherwise.
    expect(Math.abs(jpeg - reference)).toBeLessThanOrEqual(0.5);
  });
});
