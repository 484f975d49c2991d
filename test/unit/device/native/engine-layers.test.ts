import { describe, expect, it } from 'vitest';
import { engineLayers } from '../../../../device/native/index.ts';

const described = (...layers: unknown[]) =>
  JSON.stringify({ engine: 'tensorrt', version: '10.3.0', inspector: { Layers: layers, Bindings: [] } });
const tensor = (type: string) => [{ Name: 't', Dimensions: [1, 3], 'Format/Datatype': type }];

describe('The layers of an engine', () => {
  it('come in one shape from the sentences of TensorRT 8 and the words of 10', () => {
    const eight = engineLayers(
      described({
        Name: 'conv1',
        LayerType: 'CaskConvolution',
        Inputs: tensor('Thirty-two wide channel vectorized row major Int8 format'),
        Outputs: tensor('Row major linear FP16 format'),
      }),
    );
    const ten = engineLayers(
      described({
        Name: 'conv1',
        LayerType: 'CaskConvolution',
        Inputs: tensor('Int8'),
        Outputs: tensor('Half'),
      }),
    );
    expect(eight).toEqual({
      layers: [{ name: 'conv1', type: 'CaskConvolution', precision: 'int8', outputPrecision: 'fp16' }],
      precision: 'int8',
    });
    expect(ten).toEqual(eight);
  });

  it.each([
    ['Float', 'fp32'],
    ['Row major linear FP32', 'fp32'],
    ['BFloat16', 'bf16'],
    ['FP8', 'fp8'],
    ['Int32', 'int32'],
    ['N/A due to dynamic shapes', 'unknown'],
  ])('read "%s" as %s', (text, precision) => {
    expect(
      engineLayers(described({ Name: 'x', LayerType: 'y', Inputs: tensor(text) })).layers[0]?.precision,
    ).toBe(precision);
  });

  it('are summed up with what most of them compute in first; indices do not count', () => {
    const layers = ['Int8', 'Half', 'Int8', 'Int64', 'Float'].map((type, i) => ({
      Name: `${i}`,
      Inputs: tensor(type),
    }));
    expect(engineLayers(described(...layers)).precision).toBe('int8+fp16+fp32');
  });

  it('are none where the engine tells none, and names where it tells only those', () => {
    expect(engineLayers('{"engine":"onnxruntime"}')).toEqual({ layers: [], precision: '' });
    expect(engineLayers('no JSON').layers).toEqual([]);
    expect(engineLayers(described('conv1')).layers).toEqual([
      { name: 'conv1', type: 'unknown', precision: 'unknown', outputPrecision: 'unknown' },
    ]);
  });
});
