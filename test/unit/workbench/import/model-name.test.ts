import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelNameOf } from '../../../../src/workbench/import/model-name.ts';

describe('The name of a model', () => {
  it.each([
    ['YOLOX_Nano v2.onnx', 'yolox_nano-v2'],
    ['/models/street.ONNX', 'street'],
    ['street.v1.onnx', 'street.v1'],
    ['--odd__.onnx', 'odd__'],
    ['größe (1).onnx', 'gr-e-1-'],
    ['.onnx', 'model'],
    ['...', 'model'],
    ['日本.onnx', 'model'],
    [`${'a'.repeat(80)}.onnx`, 'a'.repeat(64)],
  ])('of %s is %s', (file, name) => {
    expect(modelNameOf(file)).toBe(name);
  });

  it('is one that a manifest takes, whatever the file is called', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (file) => {
        expect(modelNameOf(file)).toMatch(/^[a-z0-9][a-z0-9._-]{0,63}$/);
      }),
    );
  });
});
