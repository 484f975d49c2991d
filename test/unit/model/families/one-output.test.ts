import { describe, expect, it } from 'vitest';
import { familyNamed, proposeContracts } from '../../../../src/model/index.ts';

type Shape = readonly (number | string)[];

const labels = Array.from({ length: 80 }, (_, i) => `class ${i}`);
const check = (
  decoder: string,
  shape: Shape,
  { size = 640, names = labels, outputs = ['out'], strides = [] as number[] } = {},
) =>
  proposeContracts(
    familyNamed(decoder)!,
    {
      inputs: [{ name: 'images', dtype: 'float32', shape: [1, 3, size, size] }],
      outputs: ['out', 'b'].slice(0, outputs.length).map((name) => ({ name, dtype: 'float32', shape })),
    },
    names.length,
    { ...(outputs[0] === 'out' ? {} : { outputs }), ...(strides.length > 0 ? { strides } : {}) },
  );

describe('A family that writes into one output', () => {
  it.each([
    ['yolov5', [1, 25200, 85]],
    ['yolov5', ['batch', 'boxes', 85]],
    ['yolov5', [-1, 25200, 85]],
    ['yolov8', [1, 84, 8400]],
    ['yolov8', [1, 84, '']],
    ['yolov10', [1, 300, 6]],
    ['yolov10', [1, 'boxes', 6]],
    ['yolox', [1, 8400, 85]],
    ['fastestdet', [1, 85, 40, 40]],
    ['fastestdet', ['', '', '', '']],
  ] as [string, Shape][])('accepts %s with %o', (decoder, dims) => {
    expect(() => check(decoder, dims)).not.toThrow();
  });

  it.each([
    ['yolov5', [1, 84, 8400], /looks like yolov8: 84 values/, /--decoder yolov8/],
    ['yolov8', [1, 25200, 85], /looks like yolov5: 85 values/, /--decoder yolov5/],
    ['yolov8', [1, 8400, 85], /looks like yolox: 8400 grid cells/, /--decoder yolox/],
    ['yolox', [1, 84, 8400], /looks like yolov8/, /--decoder yolov8/],
    ['yolox', [1, 25200, 85], /looks like yolov5: 25200 rows are three anchors/, /--decoder yolov5/],
    ['yolox', [1, 3549, 85], /3549 rows.*8400 grid cells.*input size/, /input size/],
    ['yolov5', [1, 25200, 25], /fits 20 classes, not 80/, /labels/],
    ['yolov8', [1, 24, 8400], /fits 20 classes, not 80/, /labels/],
    ['yolox', [1, 8400, 86], /fits 81 classes, not 80/, /labels/],
    ['fastestdet', [1, 25, 22, 22], /fits 20 classes, not 80/, /labels/],
    ['yolov5', [1, 85, 25200], /axes swapped/, /exported/],
    ['yolov8', [1, 8400, 84], /axes swapped/, /exported/],
    ['fastestdet', [1, 22, 22, 85], /planes are the last axis/, /exported/],
    ['fastestdet', [1, 85, 22, 11], /grid of 11x22.*shape of the input/, /input size/],
    ['yolov5', [1, 3, 80, 80, 85], /5 axes where 3/, /raw head/],
    ['yolov5', [300, 6], /2 axes/, /without NMS/],
    ['yolov10', [1, 84, 8400], /looks like yolov8: 84 values/, /--decoder yolov8/],
    ['yolov10', [1, 25200, 85], /looks like yolov5: 85 values/, /--decoder yolov5/],
    ['yolov10', [1, 300, 7], /rows have 7 values; 6 are needed/, /exported/],
    ['yolov5', [1, 85, 22, 22], /4 axes/, /--decoder fastestdet/],
    ['yolov5', [4, 25200, 85], /batch is 4/, /batch of 1/],
    ['yolov5', [], /a single value/, /exported/],
  ] as [string, Shape, RegExp, RegExp][])(
    'says of %s with %o what is wrong',
    (decoder, dims, message, remedy) => {
      expect(() => check(decoder, dims)).toThrow(message);
      try {
        check(decoder, dims);
      } catch (error) {
        expect(error).toMatchObject({
          name: 'InputError',
          code: 'model-output',
          remedy: expect.stringMatching(remedy),
        });
      }
    },
  );

  it('names the outputs that there are when the named one is missing', () => {
    expect(() => check('yolov5', [1, 25200, 85], { outputs: ['output0'] })).toThrow(/no output "output0"/);
    expect(() => check('yolov5', [1, 25200, 85], { outputs: ['out', 'b'] })).toThrow(/reads one output, but/);
  });

  it.each([
    ['yolov5', 25200, undefined],
    ['yolov5', 8400, undefined],
    ['yolov5', 300, /looks like yolov10: 300 rows of 6 values are final boxes/],
    ['yolov10', 300, undefined],
    ['yolov10', 25200, /looks like yolov5: 25200 rows are three anchors/],
    ['yolov10', 8400, /looks like yolox/],
    ['yolox', 300, /300 rows.*8400 grid cells/],
  ] as [string, number, RegExp | undefined][])(
    'tells what six columns of one class are by their rows: %s with %i',
    (decoder, rows, message) => {
      const call = () => check(decoder, [1, rows, 6], { names: ['person'] });
      if (message === undefined) expect(call).not.toThrow();
      else expect(call).toThrow(message);
    },
  );

  it('uses the strides of the contract', () => {
    expect(() => check('yolox', [1, 1600, 85], { strides: [16] })).not.toThrow();
    expect(() => check('yolox', [1, 8400, 85], { strides: [16] })).toThrow(/strides 16/);
  });
});
