import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it } from 'vitest';
import { readBundle } from '../../../src/adapters/filesystem/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { saveModel } from '../../../src/optimize/index.ts';
import { makeNode } from '../../../src/optimize/onnx/attributes.ts';
import { floatTensor, int64Tensor } from '../../../src/optimize/onnx/tensor.ts';
import { dataTypes } from '../../../src/optimize/onnx/types.ts';
import { noProgress } from '../../../src/runtime/index.ts';
import {
  checkBundle,
  type OptimizeEstimate,
  type OptimizeOptions,
  optimizeBundle,
} from '../../../src/workbench/index.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { GraphBuilder, seeded, valueInfo } from '../../unit/optimize/graphs.ts';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
const { signal } = new AbortController();

/** A picture of noise around a brightness, so that brightness is what there is to be learned. */
async function drawn(path: string, brightness: number, seed: number): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const random = seeded(seed);
  const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, () => brightness + random() * 20);
  await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
    .png()
    .toFile(path);
}

/** Says from a picture of 32 x 32 pixels whether it is dark or bright: two logits. */
function brightnessClassifier(): Uint8Array {
  const b = new GraphBuilder([1, 3, 32, 32], 2);
  const [pooled = ''] = b.node('GlobalAveragePool', [b.relu(b.conv('x', 8, 3, 1, 2))]);
  b.graph.setInitializer(int64Tensor('flat', [2], [1, 8]));
  const [flat = ''] = b.node('Reshape', [pooled, 'flat']);
  b.graph.setInitializer(
    floatTensor(
      'weights',
      [8, 2],
      Array.from({ length: 16 }, (_, i) => (i % 2) - 0.5),
    ),
  );
  const [logits = ''] = b.node('MatMul', [flat, 'weights']);
  const graph = b.output(logits);
  graph.proto.output = [valueInfo(logits, [1, 2])];
  return saveModel(graph);
}

/** Labels, boxes and scores of four places, scaled by the size that is the second input, as RT-DETR's postprocessor is. */
function smallDetr(): Uint8Array {
  const b = new GraphBuilder([1, 3, 32, 32], 3);
  const { graph } = b;
  const [pooled = ''] = b.node('GlobalAveragePool', [b.relu(b.conv('x', 16, 3, 1, 2))]);
  graph.setInitializer(int64Tensor('four', [3], [1, 4, 4]));
  const [rows = ''] = b.node('Sigmoid', b.node('Reshape', [pooled, 'four']));
  const [sides = ''] = b.node('Cast', ['orig_target_sizes'], { to: dataTypes.float });
  graph.setInitializer(int64Tensor('axis', [1], [1]));
  const [twice = ''] = b.node('Concat', [sides, sides], { axis: 1 });
  const [scale = ''] = b.node('Unsqueeze', [twice, 'axis']);
  const [boxes = ''] = b.node('Mul', [rows, scale]);
  graph.setInitializer(int64Tensor('last', [1], [2]));
  const [scores = ''] = b.node('ReduceMax', [rows], { axes: [2], keepdims: 0 });
  graph.setInitializer(int64Tensor('classes', [1, 4], [0, 1, 0, 1]));
  graph.proto.input.push(valueInfo('orig_target_sizes', [1, 2], dataTypes.int64));
  for (const [name, value] of Object.entries({ labels: 'classes', boxes, scores }))
    graph.proto.node.push(makeNode('Identity', name, [value], [name], {}));
  graph.proto.output = [
    valueInfo('labels', [1, 4], dataTypes.int64),
    valueInfo('boxes', [1, 4, 4]),
    valueInfo('scores', [1, 4]),
  ];
  graph.changed();
  return saveModel(graph);
}

function optionsOf(rest: Pick<OptimizeOptions, 'decoder' | 'calibration' | 'evaluation' | 'out' | 'labels'>) {
  return {
    ...{ pruneScope: 'layer', importance: 'l1', rounds: 1, refit: true, method: 'auto', searchMinutes: 10 },
    ...{ variants: ['qdq-u8', 'qdq-s8'], maxDrop: 100, modelVersion: '1.0.0', licence: 'test' },
    ...rest,
  } as OptimizeOptions;
}

function labelsOf(...names: readonly string[]): string {
  const file = join(folder, `${names.join('-')}.txt`);
  writeFileSync(file, `${names.join('\n')}\n`);
  return file;
}

describe('model optimize', () => {
  it('judges a classifier by the folders of its pictures', async () => {
    const file = join(folder, 'brightness.onnx');
    writeFileSync(file, brightnessClassifier());
    const [calibration, evaluation] = [join(folder, 'seen'), join(folder, 'unseen')];
    for (let i = 0; i < 4; i += 1) {
      // Without folders: the float model's own answers stand in.
      await drawn(join(calibration, `${i}.png`), 40 + 40 * i, i);
      await drawn(join(evaluation, 'dark', `d${i}.png`), 40, 10 + i);
      await drawn(join(evaluation, 'bright', `b${i}.png`), 200, 20 + i);
    }
    const out = join(folder, 'brightness');
    const rest = { decoder: 'logits', labels: labelsOf('dark', 'bright'), calibration, evaluation, out };
    const estimates: OptimizeEstimate[] = [];
    const onEstimate = (estimate: OptimizeEstimate) => estimates.push(estimate);
    const ports = { log: silentLog, signal, onStage() {}, onEstimate };
    const { report } = await optimizeBundle(file, optionsOf(rest), ports);
    expect(estimates).toEqual([{ minutes: expect.any(Number), searchMinutes: 20 }]);
    expect(estimates[0]?.minutes).toBeGreaterThan(0);
    expect(report.source.accuracy).toMatchObject({ measure: 'top1', beside: { measure: 'top5', value: 1 } });
    expect(report.source.accuracy.perClass.map(({ label }) => label).sort()).toEqual(['bright', 'dark']);
    expect(report.quantization.map(({ float }) => float)).toEqual([[], []]);
    const { manifest } = await readBundle(out, 'digests');
    expect(manifest.task).toBe('classification');
    const accuracy = { dataset: 'unseen', images: 8, top1: report.source.accuracy.value, top5: 1 };
    expect(manifest.variants[0]).toMatchObject({ kind: 'fp32', accuracy });
    const checking = { log: silentLog, signal, startProgress: noProgress };
    expect(await checkBundle(out, { engine: 'onnxruntime-node' }, checking)).toMatchObject({ ok: true });
  });

  it('makes variants of a network with a further input that are fed the picture alone', async () => {
    const file = join(folder, 'detr.onnx');
    writeFileSync(file, smallDetr());
    const [calibration, evaluation] = [join(folder, 'detr-seen'), join(folder, 'detr-unseen')];
    for (let i = 0; i < 3; i += 1) {
      await drawn(join(calibration, 'images', `${i}.png`), 40 + 40 * i, i);
      await drawn(join(evaluation, 'images', `e${i}.png`), 40 + 40 * i, 10 + i);
      mkdirSync(join(evaluation, 'labels'), { recursive: true });
      writeFileSync(join(evaluation, 'labels', `e${i}.txt`), '0 0.5 0.5 0.5 0.5\n');
    }
    const out = join(folder, 'detr');
    const rest = { decoder: 'detr-final', labels: labelsOf('car', 'person'), calibration, evaluation, out };
    await optimizeBundle(file, optionsOf(rest), { log: silentLog, signal, onStage() {} });
    const { manifest } = await readBundle(out, 'digests');
    expect(manifest.input).not.toHaveProperty('constants');
    expect(manifest.variants.map(({ kind }) => kind)).toContain('qdq-u8');
    const ports = { log: silentLog, signal, startProgress: noProgress };
    expect(await checkBundle(out, { engine: 'onnxruntime-node' }, ports)).toMatchObject({ ok: true });
  });
});
