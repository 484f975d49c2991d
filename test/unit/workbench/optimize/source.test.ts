import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { taskOf } from '../../../../src/model/index.ts';
import { loadModel } from '../../../../src/optimize/index.ts';
import { integerData } from '../../../../src/optimize/onnx/tensor.ts';
import type { OptimizeOptions } from '../../../../src/workbench/optimize/options.ts';
import { readSource } from '../../../../src/workbench/optimize/source.ts';
import type { Form } from '../../../conformance/forms/form.ts';
import { onnxFile } from '../../../conformance/forms/onnx-file.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const picture = 'images float32[1,3,64,64]';

function read(form: Pick<Form, 'inputs' | 'outputs'>, decoder: string) {
  const folder = temporaryFolder();
  const file = join(folder, 'best.onnx');
  const labels = join(folder, 'labels.txt');
  writeFileSync(file, onnxFile({ name: 'best', from: 'here', ...form }));
  writeFileSync(labels, 'car\nperson\n');
  return readSource(file, { labels, decoder } as OptimizeOptions);
}

describe('A network that is to be optimized', () => {
  it('may give boxes of any family', async () => {
    const source = await read({ inputs: [picture], outputs: ['output0 float32[1,6,84]'] }, 'yolov8');
    expect(source.contracts.output.family).toBe('yolov8');
  });

  it.each<[string, Pick<Form, 'inputs' | 'outputs'>, string]>([
    ['classification', { inputs: [picture], outputs: ['logits float32[1,2]'] }, 'logits'],
    ['semantic-segmentation', { inputs: [picture], outputs: ['out float32[1,2,64,64]'] }, 'semantic'],
    ['embedding', { inputs: [picture], outputs: ['out float32[1,128]'] }, 'embedding'],
  ])('may be for %s', async (task, form, decoder) => {
    expect(taskOf((await read(form, decoder)).contracts.output)).toBe(task);
  });

  it('is fed the picture alone: a further input becomes the constant that the family gives it', async () => {
    const form = {
      inputs: [picture, 'orig_target_sizes int64[1,2]'],
      outputs: ['labels int64[1,300]', 'boxes float32[1,300,4]', 'scores float32[1,300]'],
    };
    const { bytes, contracts } = await read(form, 'detr-final');
    expect(contracts.input).not.toHaveProperty('constants');
    const graph = loadModel(bytes);
    expect(graph.inputs().map(({ name }) => name)).toEqual(['images']);
    expect(integerData(graph.initializer('orig_target_sizes')!)).toEqual([64, 64]);
  });

  it('is refused where a module reads it', async () => {
    const form = { inputs: [picture], outputs: ['out float32[1,2,3,4]'] };
    await expect(read(form, 'tensor')).rejects.toMatchObject({
      code: 'optimize-task',
      message: expect.stringMatching(/read by a module/),
    });
  });
});
