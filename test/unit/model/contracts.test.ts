import { describe, expect, it } from 'vitest';
import {
  type ContractOverrides,
  describeShape,
  familyNamed,
  type NetworkInfo,
  proposeContracts,
} from '../../../src/model/index.ts';

const network = (shape: readonly (number | string)[], dtype = 'float32'): NetworkInfo => ({
  inputs: [{ name: 'images', dtype, shape }],
  outputs: [{ name: 'output', dtype: 'float32', shape: [1, 84, 8400] }],
});
const fixed = network([1, 3, 384, 640]);
const propose = (family: string, info: NetworkInfo, overrides?: ContractOverrides) =>
  proposeContracts(familyNamed(family)!, info, 80, overrides);

describe('The contracts of an imported network', () => {
  it.each([
    ['yolov5', [1, 15120, 85], { colorOrder: 'rgb', scale: 1 / 255, fit: 'center' }],
    ['yolov8', [1, 84, 5040], { colorOrder: 'rgb', scale: 1 / 255, fit: 'center' }],
    ['yolov10', [1, 300, 6], { colorOrder: 'rgb', scale: 1 / 255, fit: 'center' }],
    ['yolox', [1, 5040, 85], { colorOrder: 'bgr', scale: 1, fit: 'top-left' }],
    ['fastestdet', [1, 85, 24, 40], { colorOrder: 'bgr', scale: 1 / 255, fit: 'stretch' }],
  ] as const)('follow how %s was trained', (decoder, shape, expected) => {
    const { input, output } = propose(decoder, {
      ...fixed,
      outputs: [{ name: 'output', dtype: 'float32', shape }],
    });
    expect(input).toMatchObject({ ...expected, width: 640, height: 384, layout: 'nchw', pad: 114 });
    expect(output).toMatchObject({ family: decoder, outputs: [{ tensors: ['output'] }] });
    const strides = { yolox: [8, 16, 32], fastestdet: [16] }[decoder as string];
    expect(output.grid?.strides).toEqual(strides);
  });

  it('take what the user says instead', () => {
    const { input } = propose('yolov8', fixed, {
      colorOrder: 'rgb',
      scale: 0.5,
      pad: 0,
      mean: [1, 2, 3],
    });
    expect(input).toMatchObject({ colorOrder: 'rgb', scale: 0.5, pad: 0, mean: [1, 2, 3] });
  });

  it('see the layout and the type of the input', () => {
    const { input } = propose('yolov8', network(['batch', 320, 320, 3], 'uint8'));
    expect(input).toMatchObject({ layout: 'nhwc', dtype: 'uint8', width: 320, height: 320 });
  });

  it('give pixels as they are to what takes bytes, and to what normalises by itself', () => {
    expect(propose('yolov8', network([1, 3, 64, 64], 'uint8')).input.scale).toBe(1);
    expect(propose('yolov8', { ...fixed, normalizes: true }).input.scale).toBe(1);
    expect(propose('yolov8', { ...fixed, normalizes: false }).input.scale).toBe(1 / 255);
    expect(propose('yolov8', { ...fixed, normalizes: true }, { scale: 0.5 }).input.scale).toBe(0.5);
  });

  it.each([
    ['a scale to 0..1', { scale: 1 / 255 }],
    ['a mean that makes them negative', { mean: [128, 128, 128] as const }],
    ['a deviation', { std: [58, 57, 57] as const }],
  ])('refuse %s for bytes, which would all be lost', (_what, overrides) => {
    const call = () => propose('yolov8', network([1, 3, 64, 64], 'uint8'), { ...overrides } as never);
    expect(call).toThrow(/holds bytes/);
    expect(() => propose('yolov8', fixed, { ...overrides } as never)).not.toThrow();
  });

  it('take the size of a network with free sides from the user', () => {
    const free = network(['n', 3, 'height', 'width']);
    expect(propose('yolov8', free, { width: 640, height: 384 }).input).toMatchObject({
      width: 640,
      height: 384,
    });
    expect(() => propose('yolov8', free)).toThrow(/is free/);
  });

  it('take the size that the exporter noted for sides that are free alone', () => {
    const pictureSize = { width: 320, height: 256 };
    const free = network(['n', 3, 'height', 'width']);
    expect(propose('yolov8', { ...free, pictureSize }).input).toMatchObject(pictureSize);
    expect(propose('yolov8', { ...free, pictureSize }, { width: 64, height: 64 }).input.width).toBe(64);
    expect(propose('yolov8', { ...fixed, pictureSize }).input).toMatchObject({ width: 640, height: 384 });
  });

  it.each<[string, NetworkInfo, object, RegExp]>([
    ['has another size than asked for', fixed, { width: 320, height: 320 }, /give the .* 320/],
    ['takes four channels', network([1, 4, 64, 64]), {}, /1x4x64x64/],
    ['has a batch of 4', network([4, 3, 64, 64]), {}, /batch of 4/],
    ['takes int64', network([1, 3, 64, 64], 'int64'), {}, /int64/],
    [
      'has two inputs',
      { ...fixed, inputs: [...fixed.inputs, { ...fixed.inputs[0]!, name: 'other' }] },
      {},
      /2 inputs/,
    ],
    ['lacks an output that was named', fixed, { outputs: ['boxes'] }, /no output "boxes".*"output"/],
  ])('are refused for a network that %s', (_what, info, overrides, words) => {
    expect(() => propose('yolov8', info, overrides)).toThrow(words);
  });

  it.each([
    [[1, 1, 64, 48], 'nchw'],
    [[1, 64, 48, 1], 'nhwc'],
  ] as const)('feed one channel to a network for grey pictures: %j', (shape, layout) => {
    const outputs = [{ name: 'output', dtype: 'float32', shape: [1, 80, 64, 48] }];
    const { input } = propose('semantic', { ...network([...shape]), outputs }, { colorOrder: 'bgr' });
    expect(input).toMatchObject({ colorOrder: 'grey', layout, width: 48, height: 64 });
    // The middle of ImageNet's.
    expect(input.mean[0]).toBeCloseTo(0.449);
  });

  it('feed pixels as they are where integers are taken', () => {
    const { input } = propose('yolov8', network([1, 64, 64, 3], 'int32'));
    expect(input).toMatchObject({ dtype: 'int32', scale: 1, mean: [0, 0, 0] });
  });

  it('write shapes as people do', () => {
    expect(describeShape([1, 3, 'height', ''])).toBe('1x3xheightx?');
    expect(describeShape([])).toBe('scalar');
  });
});
