import { describe, expect, it } from 'vitest';
import type { NetworkInfo } from '../../../../src/model/index.ts';
import { chooseContracts } from '../../../../src/workbench/import/choose-contracts.ts';

const labels = Array.from({ length: 80 }, (_, i) => `class ${i}`);

function network(
  outputs: Readonly<Record<string, readonly (number | string)[]>>,
  more: Partial<NetworkInfo> = {},
): NetworkInfo {
  return {
    inputs: [{ name: 'images', dtype: 'float32', shape: [1, 3, 640, 640] }],
    outputs: Object.entries(outputs).map(([name, shape]) => ({ name, dtype: 'float32', shape })),
    ...more,
  };
}

describe('The contracts of an imported network', () => {
  it.each<[string, NetworkInfo, number]>([
    ['yolov5', network({ output0: [1, 25200, 85] }), 80],
    ['yolov8', network({ output0: [1, 84, 8400] }), 80],
    ['yolov10', network({ output0: [1, 300, 6] }), 80],
    ['yolov10', network({ output0: [1, 300, 6] }), 1],
    ['yolov10', network({ output0: ['batch', 300, 6] }, { task: 'detect' }), 1],
    ['fastestdet', network({ output: [1, 85, 40, 40] }), 80],
  ])('are those of %s, the one family that fits', (decoder, info, classes) => {
    expect(chooseContracts(info, labels.slice(0, classes), {}).output.family).toBe(decoder);
  });

  it.each<[string, NetworkInfo, string | undefined, string, RegExp]>([
    [
      'no decoder reads',
      network({ output0: [1, 20, 8400] }, { task: 'obb' }),
      undefined,
      'model-family',
      /oriented/,
    ],
    [
      'another decoder reads',
      network({ output0: [1, 84, 8400] }),
      'yolov5',
      'model-output',
      /looks like yolov8/,
    ],
    [
      'has a second input',
      {
        ...network({ output0: [1, 84, 8400] }),
        inputs: [...network({}).inputs, { name: 'scale_factor', dtype: 'float32', shape: [1, 2] }],
      },
      'yolov8',
      'model-inputs',
      /no "scale_factor"/,
    ],
    [
      'has a second input that no family has whose outputs fit',
      {
        ...network({ output0: [1, 84, 8400] }),
        inputs: [...network({}).inputs, { name: 'im_shape', dtype: 'float32', shape: [1, 2] }],
      },
      undefined,
      'model-inputs',
      /no "im_shape"/,
    ],
    ['fits nothing', network({ output0: [1, 7, 5] }), undefined, 'decoder-unknown', /No decoder reads/],
    [
      'has fewer classes',
      network({ output: [1, 3] }),
      undefined,
      'decoder-unknown',
      /seems to have 3 classes/,
    ],
    ['two families fit', network({ output: [1, 8400, 85] }), undefined, 'decoder-unknown', /is not clear/],
  ])('are refused for a network that %s', (_what, info, decoder, code, words) => {
    const call = () => chooseContracts(info, labels, {}, decoder);
    expect(call).toThrow(expect.objectContaining({ code }));
    expect(call).toThrow(words);
  });

  it('name the decoded output of a network that gives its raw heads too', () => {
    const info = network({
      output0: [1, 25200, 85],
      a: [1, 3, 80, 80, 85],
      b: [1, 3, 40, 40, 85],
      c: [1, 3, 20, 20, 85],
    });
    expect(() => chooseContracts(info, labels, {})).toThrow(
      expect.objectContaining({ code: 'model-output', remedy: 'Add --output output0.' }),
    );
    expect(chooseContracts(info, labels, { outputs: ['output0'] }).output).toMatchObject({
      family: 'yolov5',
      outputs: [{ tensors: ['output0'] }],
    });
  });

  it('do not take an output for the embedding as one of boxes', () => {
    const info = network({ output0: [1, 84, 8400], pooled: [1, 192] });
    expect(chooseContracts(info, labels, { embedding: 'pooled' }).output).toMatchObject({
      family: 'yolov8',
    });
  });
});
