import { describe, expect, it } from 'vitest';
import { saveModel } from '../../../../src/optimize/index.ts';
import { makeNode } from '../../../../src/optimize/onnx/attributes.ts';
import { variantKindOf } from '../../../../src/optimize/onnx/precision.ts';
import { floatTensor, makeTensor } from '../../../../src/optimize/onnx/tensor.ts';
import { writeFloat16 } from '../../../../src/optimize/quantize/float16.ts';
import { writeWeightOnly } from '../../../../src/optimize/quantize/weight-only.ts';
import { GraphBuilder } from '../graphs.ts';

const int8 = 3;
const uint8 = 2;

function network(): GraphBuilder {
  const b = new GraphBuilder([1, 3, 8, 8], 1);
  b.output(b.relu(b.conv('x', 8, 3)));
  return b;
}

/** The network with its picture rounded to integers of this zero point. */
function rounded(type: number, zeroPoint: number): Uint8Array {
  const b = new GraphBuilder([1, 3, 8, 8], 1);
  b.graph.proto.initializer.push(
    floatTensor('scale', [], [0.01]),
    makeTensor('zero', type, [], type === int8 ? Int8Array.of(zeroPoint) : Uint8Array.of(zeroPoint)),
  );
  const [integers = ''] = b.node('QuantizeLinear', ['x', 'scale', 'zero']);
  const [floats = ''] = b.node('DequantizeLinear', [integers, 'scale', 'zero']);
  return saveModel(b.output(b.conv(floats, 8, 3)));
}

describe('The kind of a foreign network', () => {
  it('is fp32 where it holds floats', () => {
    expect(variantKindOf(saveModel(network().graph))).toBe('fp32');
  });

  it('is fp16 where most of its weights are halves, also in Constant nodes', () => {
    const { graph } = writeFloat16(network().graph);
    expect(variantKindOf(saveModel(graph))).toBe('fp16');
    const constants = graph.proto.initializer.map((tensor) =>
      makeNode('Constant', tensor.name ?? '', [], [tensor.name ?? ''], { value: tensor }),
    );
    graph.proto.initializer = [];
    graph.proto.node.unshift(...constants);
    graph.changed();
    expect(variantKindOf(saveModel(graph))).toBe('fp16');
  });

  it('is weights-int8 where integers are weights alone', () => {
    expect(variantKindOf(saveModel(writeWeightOnly(network().graph)))).toBe('weights-int8');
  });

  it.each([
    ['qdq-s8', int8, 0],
    ['qdq-u8', int8, 3],
    ['qdq-u8', uint8, 128],
    ['qdq-u8', uint8, 0],
  ] as const)('is %s where activations are integers of type %i around %i', (kind, type, zeroPoint) => {
    expect(variantKindOf(rounded(type, zeroPoint))).toBe(kind);
  });

  it('is one for ONNX Runtime where operators compute on integers themselves, or without zero points', () => {
    const b = new GraphBuilder([1, 3, 8, 8], 1);
    const [integers = ''] = b.node('DynamicQuantizeLinear', ['x'], {}, 3);
    expect(variantKindOf(saveModel(b.output(integers)))).toBe('qdq-u8');
    const other = new GraphBuilder([1, 3, 8, 8], 1);
    const [unsigned = ''] = other.node('QuantizeLinear', ['x', other.constant([])]);
    expect(variantKindOf(saveModel(other.output(unsigned)))).toBe('qdq-u8');
  });
});
