import { describe, expect, it } from 'vitest';
import { type NetworkInfo, unsupportedFamily } from '../../../../src/model/index.ts';

type Shape = readonly (number | string)[];

function network(outputs: Readonly<Record<string, Shape>>, more: Partial<NetworkInfo> = {}): NetworkInfo {
  return {
    inputs: [{ name: 'images', dtype: 'float32', shape: [1, 3, 640, 640] }],
    outputs: Object.entries(outputs).map(([name, shape]) => ({ name, dtype: 'float32', shape })),
    ...more,
  };
}

const lines = (info: NetworkInfo): NetworkInfo => ({
  ...info,
  inputs: [{ name: 'x', dtype: 'float32', shape: [1, 3, 48, 320] }],
});

describe('A family that no decoder reads is named', () => {
  it.each<[RegExp, NetworkInfo, number]>([
    [/^a DETR/, network({ dets: [1, 300, 4], labels: [1, 300, 91] }), 80],
    [/^an SSD/, network({ scores: [1, 3000, 21], boxes: [1, 3000, 4] }), 30],
    [/^torchvision/, network({ boxes: ['n', 4], labels: ['n'], scores: ['n'] }), 91],
    [/segmentation \(YOLO-seg\)/, network({ output0: [1, 116, 8400], output1: [1, 32, 160, 160] }), 80],
    [/segmentation \(YOLO-seg\)/, network({ output0: [1, 116, 8400] }, { task: 'segment' }), 80],
    [/pose/, network({ output0: [1, 56, 8400] }), 1],
    [/pose/, network({ output0: [1, 30, 8400] }, { task: 'pose' }), 1],
    [/oriented/, network({ output0: [1, 20, 8400] }, { task: 'obb' }), 15],
    [
      /^raw heads with anchors/,
      network({ a: [1, 255, 80, 80], b: [1, 255, 40, 40], c: [1, 255, 20, 20] }),
      80,
    ],
    [/^raw heads with anchors/, network({ a: [1, 3, 80, 80, 85], b: [1, 3, 40, 40, 85] }), 80],
    [
      /^raw heads, one output/,
      network({ a: [1, 144, 80, 80], b: [1, 144, 40, 40], c: [1, 144, 20, 20] }),
      80,
    ],
    [/^semantic segmentation/, network({ out: [1, 21, 640, 640] }), 21],
    [/^semantic segmentation/, network({ out: [1, 513, 513, 19] }), 19],
    [/^depth/, network({ depth: [1, 256, 256] }), 1],
    [/^depth/, network({ disp: [1, 1, 320, 320] }), 80],
    [/^text detection/, network({ sigmoid_0: [1, 1, 640, 640] }), 1],
    [/^text recognition/, lines(network({ softmax_0: [1, 40, 97] })), 36],
    [/SimCC/, network({ simcc_x: [1, 17, 384], simcc_y: [1, 17, 512] }), 17],
    [/MoveNet/, network({ output_0: [1, 1, 17, 3] }), 17],
  ])('%s', (name, info, classes) => {
    const family = unsupportedFamily(info, classes);
    expect(family?.name).toMatch(name);
    expect(family?.sign).toMatch(/\w/);
    expect(family?.remedy).toMatch(/\w/);
  });

  it.each<[string, NetworkInfo, number]>([
    ['yolov5', network({ output0: [1, 25200, 85] }), 80],
    ['yolov8', network({ output0: [1, 84, 8400] }), 80],
    ['yolov8 that says so', network({ output0: [1, 84, 8400] }, { task: 'detect' }), 80],
    ['yolov8 with open sides', network({ output0: ['batch', 84, 'anchors'] }), 80],
    ['yolov10', network({ output0: [1, 300, 6] }), 80],
    ['yolox', network({ output: [1, 8400, 85] }), 80],
    ['fastestdet', network({ output: [1, 85, 40, 40] }), 80],
    ['yolov8 with labels of another model', network({ output0: [1, 84, 8400] }), 20],
  ])('but not %s', (_what, info, classes) => {
    expect(unsupportedFamily(info, classes)).toBeUndefined();
  });
});
