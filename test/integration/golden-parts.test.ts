import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { goldenPath, parseGoldenSet } from '../../src/model/index.ts';
import { saveModel } from '../../src/optimize/index.ts';
import { makeNode } from '../../src/optimize/onnx/attributes.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { GraphBuilder, valueInfo } from '../unit/optimize/graphs.ts';
import { goshawk, jsonLines } from './goshawk.ts';

vi.setConfig({ testTimeout: 600_000 });

/** Cells of 32 x 32 pixels on strides 8, 16 and 32. */
const cells = 21;

/** A network that finds one thing at 0, 0, 16, 16 in every picture: values of its first cell, and further outputs. */
function finder(
  row: readonly number[],
  further: Readonly<Record<string, { dims: readonly number[]; data: Float32Array }>>,
  notes: Readonly<Record<string, string>>,
): Uint8Array {
  const b = new GraphBuilder([1, 3, 32, 32]);
  const [mean = ''] = b.node('ReduceMean', ['x'], { keepdims: 0 });
  const [nothing = ''] = b.node('Mul', [mean, b.constant([], Float32Array.of(0))]);
  const data = new Float32Array(row.length * cells);
  row.forEach((value, i) => {
    data[i * cells] = value;
  });
  const outputs = { output0: { dims: [1, row.length, cells], data }, ...further };
  for (const [name, value] of Object.entries(outputs))
    b.graph.nodes.push(makeNode('Add', name, [b.constant(value.dims, value.data), nothing], [name]));
  b.output(...Object.keys(outputs));
  b.graph.proto.output = Object.entries(outputs).map(([name, { dims }]) => valueInfo(name, dims));
  b.graph.model.metadataProps = Object.entries(notes).map(([key, value]) => ({ key, value }));
  return saveModel(b.graph);
}

const square = [8, 8, 16, 16, 0.9];
const models = [
  {
    task: 'pose',
    decoder: 'yolov8-pose',
    /** Three points in the square. */
    network: () =>
      finder([...square, 4, 4, 0.9, 12, 4, 0.9, 8, 12, 0.9], {}, { task: 'pose', kpt_shape: '[3, 3]' }),
    right: '0 0.25 0.25 0.5 0.5 0.125 0.125 2 0.375 0.125 2 0.25 0.375 2\n',
    elsewhere: '0 0.75 0.75 0.5 0.5 0.625 0.625 2 0.875 0.625 2 0.75 0.875 2\n',
  },
  {
    task: 'instance-segmentation',
    decoder: 'yolov8-seg',
    /** The first prototype is all mask. */
    network: () => {
      const data = new Float32Array(32 * 64).fill(1, 0, 64);
      const coefficients = Array.from({ length: 32 }, (_, i) => (i === 0 ? 8 : 0));
      return finder(
        [...square, ...coefficients],
        { output1: { dims: [1, 32, 8, 8], data } },
        { task: 'segment' },
      );
    },
    right: '0 0 0 0.5 0 0.5 0.5 0 0.5\n',
    elsewhere: '0 0.5 0.5 1 0.5 1 1 0.5 1\n',
  },
] as const;

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

async function pictures(name: string, label: string): Promise<string> {
  const root = join(folder, name);
  for (const part of ['images', 'labels']) mkdirSync(join(root, part), { recursive: true });
  for (let i = 0; i < 4; i += 1) {
    const background = { r: 40 * i, g: 0, b: 0 };
    await sharp({ create: { width: 32, height: 32, channels: 3, background } })
      .png()
      .toFile(join(root, 'images', `${i}.png`));
    writeFileSync(join(root, 'labels', `${i}.txt`), label);
  }
  return root;
}

describe('The golden set of a model with parts', () => {
  it.each(models)('takes the boxes of labels with $task, and an engine passes it', async (model) => {
    const [file, labels] = [join(folder, 'parts.onnx'), join(folder, 'labels.txt')];
    writeFileSync(file, model.network());
    writeFileSync(labels, 'thing\n');
    const importing = (out: string, golden: string) =>
      goshawk(
        ...['model', 'import', file, '--decoder', model.decoder, '--labels', labels, '--no-check'],
        ...['--out', out, '--golden', golden, '--json'],
      );
    const out = join(folder, 'bundle');
    const made = await importing(out, await pictures('right', model.right));
    expect(made, made.stderr).toMatchObject({ code: 0 });
    const golden = parseGoldenSet(readFileSync(join(out, goldenPath), 'utf8'));
    expect(golden.frames[0]).toMatchObject({
      detections: [{ label: 'thing', box: [0, 0, 16, 16] }],
      truth: [{ label: 'thing', box: [0, 0, 16, 16] }],
    });
    expect(golden).toMatchObject({ minAgreement: { fp32: 0.95 }, minMap: { fp32: 0.95 } });
    const checked = await goshawk('model', 'check', out, '--json');
    expect(checked, checked.stderr).toMatchObject({ code: 0 });
    expect(jsonLines(checked.stdout).at(-1)).toMatchObject({ ok: true, agreement: 1, map: 1 });

    const other = join(folder, 'other');
    const wrong = await importing(other, await pictures('wrong', model.elsewhere));
    expect(wrong, wrong.stderr).toMatchObject({ code: 0 });
    expect(parseGoldenSet(readFileSync(join(other, goldenPath), 'utf8')).minMap).toMatchObject({ fp32: 0 });
  });
});
