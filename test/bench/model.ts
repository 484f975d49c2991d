import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { inspectOnnx, readOnnx } from '../../src/adapters/onnxruntime/index.ts';
import { type Bundle, familyNamed, fileIn, parseLabels, proposeContracts } from '../../src/model/index.ts';
import { tinyOnnx } from '../fixtures/tiny-onnx.ts';
import { yolov5Output } from './stages/pictures.ts';

const root = resolve(import.meta.dirname, '../..');

/** A file of the real data beside the project; undefined where it is absent. */
export function realData(...parts: string[]): string | undefined {
  const path = join(root, '../shared/data', ...parts);
  return existsSync(path) ? path : undefined;
}

/** YOLOX-Nano where the real data is, else the project's own model. */
export function benchModel(): Promise<Bundle> {
  const real = realData('models/yolox-nano/yolox_nano.onnx');
  const coco = realData('models/coco80.txt');
  return real === undefined || coco === undefined ? streetModel() : bundleOf(real, 'yolox', readLabels(coco));
}

/** The project's own small detector. */
export function streetModel(): Promise<Bundle> {
  const labels = readLabels(join(root, 'models/street/labels.txt'));
  return bundleOf(join(root, 'models/street/street.onnx'), 'yolov5', labels);
}

/**
 * A network in the shape of YOLOv5 at 640x640 that gives the same output for every picture: for what lies outside the
 * network its weights do not matter, and a real one of this size is not at hand.
 */
export function standInModel(folder: string): Promise<Bundle> {
  const { data, dims } = yolov5Output();
  const path = join(folder, 'yolov5-shaped.onnx');
  writeFileSync(
    path,
    tinyOnnx({ input: { shape: [1, 3, 640, 640] }, output: { shape: dims, values: data } }),
  );
  return bundleOf(
    path,
    'yolov5',
    Array.from({ length: 80 }, (_, index) => `class ${index}`),
  );
}

function readLabels(path: string): readonly string[] {
  return parseLabels(readFileSync(path, 'utf8'), basename(path));
}

async function bundleOf(path: string, decoder: string, labels: readonly string[]): Promise<Bundle> {
  const none = `sha256:${'0'.repeat(64)}`;
  return {
    digest: none,
    location: dirname(path),
    manifest: {
      schema: 1,
      name: basename(path, '.onnx'),
      version: '1.0.0',
      task: 'detection',
      licence: 'Apache-2.0',
      labels: [...labels],
      ...proposeContracts(
        familyNamed(decoder)!,
        await inspectOnnx(await readOnnx(path), path),
        labels.length,
      ),
      variants: [{ kind: 'fp32', file: { path: basename(path), digest: none, size: statSync(path).size } }],
      provenance: { sourceDigest: none, createdBy: 'bench', createdAt: '2026-01-01T00:00:00Z' },
    },
  };
}

/** What the Python peers must know to treat the model as we do; frames are rgb8. */
export function questionOf(bundle: Bundle): Record<string, unknown> {
  const { input, output, variants } = bundle.manifest;
  return {
    model: fileIn(bundle, variants[0]!.file),
    decoder: output.family,
    fit: input.fit,
    unit: input.scale,
    swap: input.colorOrder === 'bgr',
  };
}
