import { afterAll, describe, expect, it } from 'vitest';
import { GoshawkError } from '../../../src/base/index.ts';
import { cloneGraph, saveModel } from '../../../src/optimize/index.ts';
import type { Graph } from '../../../src/optimize/onnx/graph.ts';
import { int64Tensor } from '../../../src/optimize/onnx/tensor.ts';
import { prepareGraph } from '../../../src/optimize/passes/prepare.ts';
import { floats, GraphBuilder, seeded, valueInfo } from '../../unit/optimize/graphs.ts';
import { largestDifference, outputsOf, runner } from './engine.ts';

afterAll(() => runner.close());

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof GoshawkError) return error.code;
    throw error;
  }
  return 'none';
}

async function unchangedBy(graph: Graph, dims: readonly number[]): Promise<Graph> {
  const input = {
    dataType: 1,
    dims,
    data: floats(
      dims.reduce((a, b) => a * b, 1),
      seeded(8),
    ),
  };
  const before = await outputsOf(graph, input);
  const after = cloneGraph(graph);
  await prepareGraph(after, runner);
  const found = await outputsOf(after, input);
  for (const [name, values] of Object.entries(before)) {
    expect(largestDifference(values, found[name]!)).toBeLessThan(1e-5);
  }
  return after;
}

describe('preparing a graph', () => {
  it('folds batch norm into the convolution before it', async () => {
    const b = new GraphBuilder([1, 4, 6, 6]);
    const one = (first: number) =>
      b.constant(
        [8],
        Float32Array.from({ length: 8 }, (_, i) => first + i / 9),
      );
    const [norm = ''] = b.node('BatchNormalization', [
      b.conv('x', 8, 3),
      one(0.5),
      one(-1),
      one(0.2),
      one(0.7),
    ]);
    const after = await unchangedBy(b.output(b.relu(norm)), [1, 4, 6, 6]);
    expect(after.nodes.map((node) => node.opType)).toEqual(['Conv', 'Relu']);
  });

  it('drops an input that was a constant nobody reads any more', async () => {
    // Old exporters list constants as inputs: one is folded into the batch norm's convolution, the other read by nobody.
    const b = new GraphBuilder([1, 4, 6, 6]);
    const spare = b.constant(
      [8],
      Float32Array.from({ length: 8 }, () => 1),
    );
    const graph = b.output(b.conv('x', 8, 3));
    for (const { name, dims } of graph.proto.initializer) {
      graph.proto.input.push(valueInfo(name ?? '', dims.map(Number)));
    }
    graph.changed();
    const after = await unchangedBy(graph, [1, 4, 6, 6]);
    expect(after.proto.input.map(({ name }) => name)).toEqual(['x']);
    expect(after.proto.initializer.map(({ name }) => name)).not.toContain(spare);
  });

  it('folds shapes that are known, and drops what nobody reads', async () => {
    const b = new GraphBuilder([1, 4, 6, 6]);
    const value = b.conv('x', 8);
    const [shape = ''] = b.node('Shape', [value]);
    const [reshaped = ''] = b.node('Reshape', [value, shape]);
    b.node('Relu', [value]);
    const [same = ''] = b.node('Identity', [reshaped]);
    const after = await unchangedBy(b.output(b.relu(same)), [1, 4, 6, 6]);
    expect(after.nodes.map((node) => node.opType)).toEqual(['Conv', 'Reshape', 'Relu']);
  });

  it.each([1, 2, 3])('brings Softmax over axis %i of opset 11 to 13 with the same meaning', async (axis) => {
    const b = new GraphBuilder([1, 4, 3, 5], 2, 11);
    const [soft = ''] = b.node('Softmax', [b.conv('x', 6)], { axis });
    const after = await unchangedBy(b.output(soft), [1, 4, 3, 5]);
    expect(after.opset).toBe(13);
  });

  it('brings Split, Squeeze and Unsqueeze of opset 11 to 13', async () => {
    const b = new GraphBuilder([1, 4, 3, 5], 2, 11);
    const [left = '', right = ''] = b.node('Split', [b.conv('x', 6)], { axis: 1, split: [2, 4] }, 2);
    const [flat = ''] = b.node('Squeeze', [right], { axes: [0] });
    const [full = ''] = b.node('Unsqueeze', [flat], { axes: [0] });
    await unchangedBy(b.output(b.concat([full, left])), [1, 4, 3, 5]);
  });

  it('refuses models that are quantized already', async () => {
    const b = new GraphBuilder([1, 3, 8, 8]);
    const scale = b.constant([], Float32Array.of(0.1));
    const [q = ''] = b.node('QuantizeLinear', ['x', scale]);
    const [dq = ''] = b.node('DequantizeLinear', [q, scale]);
    const graph = b.output(b.conv(dq, 8));
    expect(await codeOf(() => prepareGraph(graph, runner))).toBe('onnx-quantized');
  });

  it('takes 1 for an open batch, and refuses any other open dimension with its name', async () => {
    const open = new GraphBuilder(['batch', 3, 8, 8]);
    open.channels.set('x', 3);
    const graph = open.output(open.conv('x', 8));
    await prepareGraph(graph, runner);
    expect(graph.inputs()[0]?.type?.tensorType?.shape?.dim[0]?.dimValue).toBe(1n);
    const dynamic = new GraphBuilder([1, 3, 'height', 8]);
    const other = dynamic.output(dynamic.conv('x', 8));
    expect(await codeOf(() => prepareGraph(other, runner))).toBe('onnx-dynamic');
    await expect(prepareGraph(other, runner)).rejects.toThrow(/height/);
  });

  it('refuses operator sets that are too old', async () => {
    const b = new GraphBuilder([1, 3, 8, 8], 1, 9);
    const graph = b.output(b.conv('x', 8));
    expect(await codeOf(() => prepareGraph(graph, runner))).toBe('onnx-opset');
  });

  it('says in the words of the engine what it could not load', async () => {
    const b = new GraphBuilder([1, 3, 8, 8]);
    const [odd = ''] = b.node('Frobnicate', ['x']);
    const graph = b.output(odd);
    await expect(runner.load(saveModel(graph))).rejects.toThrow(/Frobnicate/);
    graph.setInitializer(int64Tensor('unused', [1], [1]));
  });
});
