import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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

  it.each<[string, Pick<Form, 'inputs' | 'outputs'>, string, string, RegExp]>([
    [
      'is a classifier',
      { inputs: [picture], outputs: ['logits float32[1,2]'] },
      'logits',
      'optimize-task',
      /classification.*mAP of boxes/,
    ],
    [
      'gives a map',
      { inputs: [picture], outputs: ['out float32[1,2,64,64]'] },
      'semantic',
      'optimize-task',
      /semantic-segmentation/,
    ],
    [
      'has an input beside the picture',
      {
        inputs: [picture, 'orig_target_sizes int64[1,2]'],
        outputs: ['labels int64[1,300]', 'boxes float32[1,300,4]', 'scores float32[1,300]'],
      },
      'detr-final',
      'optimize-inputs',
      /"orig_target_sizes" beside the picture/,
    ],
  ])('is refused where it %s', async (_what, form, decoder, code, words) => {
    const error = await read(form, decoder).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
  });
});
