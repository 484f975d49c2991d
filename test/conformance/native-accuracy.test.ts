import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { NativeDetector, type NativeDetectorOptions } from '../../device/native/index.ts';
import { readBundle } from '../../src/adapters/filesystem/index.ts';
import { OnnxruntimeDetector } from '../../src/adapters/onnxruntime/index.ts';
import { decodePicture } from '../../src/adapters/sharp/index.ts';
import {
  type Bundle,
  familyNamed,
  type Manifest,
  parseLabels,
  proposeContracts,
} from '../../src/model/index.ts';
import {
  type Detector,
  defaultDetectionSettings,
  type EvaluatedImage,
  evaluate,
  type Frame,
  parseYoloLabels,
} from '../../src/perception/index.ts';
import { createStreet, streetLabels } from '../../src/simulation/index.ts';
import { missingPlugin, sharedData, titled } from './native-build.ts';

const models = [
  {
    name: 'yolox-nano',
    file: 'yolox-nano/yolox_nano.onnx',
    decoder: 'yolox',
    tensor: 'images',
    side: 416,
    output: 'output',
    shape: [1, 3549, 85],
  },
  {
    name: 'fastestdet',
    file: 'fastestdet/FastestDet.onnx',
    decoder: 'fastestdet',
    tensor: 'input.1',
    side: 352,
    output: '758',
    shape: [1, 85, 22, 22],
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
  const { input, output } = proposeContracts(
    familyNamed(model.decoder)!,
    {
      inputs: [{ name: model.tensor, dtype: 'float32', shape: [1, 3, model.side, model.side] }],
      outputs: [{ name: model.output, dtype: 'float32', shape: model.shape }],
    },
    labels.length,
  );
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

/** In points of mAP. */
const mostDifference = 0.2;

async function compare(bundle: Bundle, frames: readonly Picture[]): Promise<void> {
  const options: NativeDetectorOptions = { multiLabel: true, maxCandidates: 10_000 };
  const native = await mapOf(await NativeDetector.create(bundle, options), frames, 'frame');
  const reference = await mapOf(
    await OnnxruntimeDetector.create(bundle, options as { multiLabel: boolean }),
    frames,
    'frame',
  );
  const jpeg = await mapOf(await NativeDetector.create(bundle, options), frames, 'jpeg');
  expect(reference).toBeGreaterThan(15);
  expect(Math.abs(native - reference)).toBeLessThanOrEqual(mostDifference);
  expect(Math.abs(jpeg - reference)).toBeLessThanOrEqual(mostDifference);
}

describe.skipIf(why !== undefined)(titled('accuracy of the native path on COCO pictures', why), () => {
  it.each(models)('of $name is that of the TypeScript path', { timeout: 240_000 }, async (model) => {
    await compare(bundleOf(model), await pictures());
  });
});

/** As `models/street/render.ts` draws them, on streets that the model was not trained on; the reference sees the same JPEG. */
async function streetPictures(count: number): Promise<Picture[]> {
  const [width, height] = [640, 360];
  const out: Picture[] = [];
  for (let sequence = 0; sequence < count; sequence++) {
    const seed = 900_001 + Math.floor(sequence / 3);
    const street = createStreet({ seed, width, height, conditions: { traffic: 1 } });
    const { pixels, truth } = street.render((sequence % 3) * 6.7);
    const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
    const bytes = new Uint8Array(await picture.jpeg({ quality: 90, chromaSubsampling: '4:2:0' }).toBuffer());
    const { data, step } = await decodePicture(bytes, 'street');
    const common = { camera: 'street', sequence, stampNs: 0n, frameId: '', width, height };
    out.push({
      frame: { ...common, encoding: 'rgb8', step, pixels: { data, release() {} } },
      jpeg: { ...common, encoding: 'jpeg', step: 0, pixels: { data: bytes, release() {} } },
      truth: truth.map(({ label, box }) => ({ classId: streetLabels.indexOf(label), box })),
    });
  }
  return out;
}

const plugin = missingPlugin('onnxruntime');

describe.skipIf(plugin !== undefined)(titled('accuracy of the native path on streets', plugin), () => {
  it("of the project's own model is that of the TypeScript path", { timeout: 240_000 }, async () => {
    const bundle = await readBundle(path.join(import.meta.dirname, '../../models/street'));
    expect(bundle.manifest.labels).toEqual(streetLabels);
    await compare(bundle, await streetPictures(90));
  });
});
