import { describe, expect, it } from 'vitest';
import { makeNode } from '../../../../src/optimize/onnx/attributes.ts';
import type { Graph } from '../../../../src/optimize/onnx/graph.ts';
import { floatTensor, makeTensor } from '../../../../src/optimize/onnx/tensor.ts';
import { raiseOpset } from '../../../../src/optimize/passes/raise-opset.ts';
import { findLayers } from '../../../../src/optimize/quantize/layers.ts';
import { place } from '../../../../src/optimize/quantize/placement.ts';
import { fusionOf } from '../../../../src/optimize/quantize/tensorrt.ts';
import { GraphBuilder } from '../graphs.ts';

const int8 = 3;

/** Puts a pair behind a value, for all that read it. */
function pair(graph: Graph, value: string, zeroPoint = 0): void {
  const [integers, floats] = [`${value}_quantized`, `${value}_dequantized`];
  for (const node of graph.nodes) node.input = node.input.map((name) => (name === value ? floats : name));
  const at = graph.nodes.findIndex(({ output }) => output.includes(value)) + 1;
  const parameters = [`${value}_scale`, `${value}_zero`];
  graph.proto.node.splice(
    at,
    0,
    makeNode('QuantizeLinear', integers, [value, ...parameters], [integers]),
    makeNode('DequantizeLinear', floats, [integers, ...parameters], [floats]),
  );
  graph.setInitializer(floatTensor(parameters[0]!, [], [0.1]));
  graph.setInitializer(makeTensor(parameters[1]!, int8, [], Int8Array.of(zeroPoint)));
  graph.changed();
}

/** Integers instead of the weights of every convolution. */
function integerWeights(graph: Graph, scales?: number): void {
  for (const conv of graph.nodes.filter(({ opType }) => opType === 'Conv')) {
    const weight = conv.input[1]!;
    const dims = graph.constantDims(weight)!;
    const count = scales ?? dims[0]!;
    const size = dims.reduce((product, side) => product * side, 1);
    graph.setInitializer(makeTensor(`${weight}_int`, int8, dims, new Int8Array(size)));
    graph.setInitializer(floatTensor(`${weight}_scale`, [count], new Float32Array(count).fill(0.1)));
    graph.setInitializer(makeTensor(`${weight}_zero`, int8, [count], new Int8Array(count)));
    const inputs = ['int', 'scale', 'zero'].map((part) => `${weight}_${part}`);
    graph.proto.node.unshift(makeNode('DequantizeLinear', weight, inputs, [`${weight}_float`], { axis: 0 }));
    conv.input[1] = `${weight}_float`;
  }
  graph.changed();
}

function two(b: GraphBuilder): { readonly graph: Graph; readonly first: string; readonly active: string } {
  const first = b.conv('x', 8, 3);
  const active = b.relu(first);
  return { graph: b.output(b.conv(active, 4)), first, active };
}

const builder = () => new GraphBuilder([1, 3, 8, 8]);

describe('what TensorRT can make of a graph', () => {
  it('is an INT8 layer of every convolution that reads integers and has a scale for each channel', () => {
    const { graph, active } = two(builder());
    integerWeights(graph);
    pair(graph, 'x');
    pair(graph, active);
    expect(fusionOf(graph)).toMatchObject({ weighted: 2, int8: 2, half: [], broken: [] });
  });

  it('is one in float of a convolution without pairs, counted by type', () => {
    const { graph } = two(builder());
    expect(fusionOf(graph)).toMatchObject({ weighted: 2, int8: 0, broken: [], fp32: { Conv: 2, Relu: 1 } });
    expect(fusionOf(graph).half).toHaveLength(2);
  });

  it.each([
    [
      'a pair is between it and its Relu',
      ({ graph, first, active }: ReturnType<typeof two>) => {
        integerWeights(graph);
        for (const value of ['x', first, active]) pair(graph, value);
      },
    ],
    [
      'a zero point is not 0',
      ({ graph, active }: ReturnType<typeof two>) => {
        integerWeights(graph);
        pair(graph, 'x', 3);
        pair(graph, active);
      },
    ],
    [
      'its weights have no scale for each output channel',
      ({ graph, active }: ReturnType<typeof two>) => {
        integerWeights(graph, 1);
        pair(graph, 'x');
        pair(graph, active);
      },
    ],
    [
      'its weights are integers and its input has no pair',
      ({ graph, active }: ReturnType<typeof two>) => {
        integerWeights(graph);
        pair(graph, active);
      },
    ],
    [
      'its input has a pair and its weights are floats',
      ({ graph }: ReturnType<typeof two>) => pair(graph, 'x'),
    ],
  ])('is none where %s', (reason, spoil) => {
    const network = two(builder());
    spoil(network);
    expect(fusionOf(network.graph).broken.map((found) => found.reason)).toContain(reason);
  });

  it('is none where the other side of a residual sum has no pair', () => {
    const b = builder();
    const start = b.relu(b.conv('x', 8, 3));
    const [sum = ''] = b.node('Add', [start, b.conv(start, 8, 3)]);
    const graph = b.output(b.relu(sum));
    integerWeights(graph);
    pair(graph, 'x');
    const [, second] = graph.nodes.filter(({ opType }) => opType === 'Conv');
    const before = second!.input[0]!;
    pair(graph, before);
    // The convolution reads the pair; the sum the float value.
    const add = graph.nodes.find(({ opType }) => opType === 'Add')!;
    add.input = add.input.map((name) => (name === `${before}_dequantized` ? before : name));
    graph.changed();
    expect(fusionOf(graph).broken.map(({ reason }) => reason)).toEqual([
      'the other side of its residual sum has no pair',
    ]);
    add.input = add.input.map((name) => (name === before ? `${before}_dequantized` : name));
    graph.changed();
    expect(fusionOf(graph).int8).toBe(2);
  });
});

describe('pairs for TensorRT', () => {
  const placed = (graph: Graph) => {
    const layers = findLayers(graph);
    return place(graph, layers, new Set(layers.map(({ id }) => id)), 'qdq-s8');
  };

  it('are placed only before weighted operators', () => {
    const b = builder();
    const active = b.silu(b.conv('x', 8, 3));
    const [pooled = ''] = b.node('MaxPool', [active], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
    const joined = b.concat([active, pooled]);
    const graph = b.output(b.node('Sigmoid', [b.conv(joined, 4)])[0]!);
    const { points, integer } = placed(graph);
    expect([...points.keys()]).toEqual(['x', joined]);
    expect(integer.size).toBe(0);
  });

  it('lie on the other side of a residual sum with a convolution, and not behind an activation', () => {
    const b = builder();
    const start = b.relu(b.conv('x', 8, 3));
    const [pooled = ''] = b.node('MaxPool', [start], { kernel_shape: [1, 1] });
    const branch = b.conv(start, 8, 3);
    const [sum = ''] = b.node('Add', [pooled, branch]);
    const graph = b.output(b.node('Add', [b.relu(sum), b.silu(b.conv(sum, 8))])[0]!);
    const { points } = placed(graph);
    expect([...points.keys()].sort()).toEqual(['x', start, pooled, sum].sort());
  });

  it('of two convolutions that are added are placed behind the earlier one', () => {
    const b = builder();
    const start = b.relu(b.conv('x', 8, 3));
    const shortcut = b.conv(start, 8);
    const branch = b.conv(b.relu(b.conv(start, 8, 3)), 8, 3);
    const graph = b.output(b.node('Add', [branch, shortcut])[0]!);
    const { points } = placed(graph);
    expect(points.has(shortcut)).toBe(true);
    expect(points.has(branch)).toBe(false);
  });

  it('leave the mean of a distribution alone, which is arithmetic of the head', () => {
    const b = builder();
    const logits = b.conv('x', 16, 3);
    const [shares = ''] = b.node('Softmax', [logits], { axis: 1 });
    const weight = b.constant(
      [1, 16, 1, 1],
      Float32Array.from({ length: 16 }, (_, i) => i),
    );
    const graph = b.output(b.node('Conv', [shares, weight])[0]!);
    expect(findLayers(graph).map(({ operator }) => operator.output[0])).toEqual([logits]);
  });
});

describe('a raised opset', () => {
  it('says in the words of 18 what changed since 13', () => {
    const b = builder();
    const parts = b.node('Split', ['x'], { axis: 1 }, 3);
    const [mean = ''] = b.node('ReduceMean', [parts[0]!], { axes: [2, 3], keepdims: 1 });
    const graph = b.output(mean);
    raiseOpset(graph, 19);
    expect(graph.opset).toBe(19);
    const [split, reduce] = graph.nodes;
    expect(split?.attribute.find(({ name }) => name === 'num_outputs')?.i).toBe(3n);
    expect(reduce?.attribute.map(({ name }) => name)).toEqual(['keepdims']);
    expect(graph.constantDims(reduce?.input[1] ?? '')).toEqual([2]);
  });
});
