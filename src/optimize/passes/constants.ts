import { attribute, subgraphs, tensorAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { cloneGraph, saveModel } from '../onnx/load.ts';
import { floatTensor, int64Tensor, makeTensor } from '../onnx/tensor.ts';
import type { NodeProto, TensorProto } from '../onnx/types.ts';
import type { GraphRunner } from '../runner.ts';
import { removeDeadEnds } from './dead-ends.ts';
import { zeroInputs } from './inputs.ts';

/** Never folded: their result differs from call to call, or a later reader needs to see the node. */
const neverConstant = new Set([
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
  'Multinomial',
  'Bernoulli',
  'QuantizeLinear',
  'DequantizeLinear',
]);

/**
 * Replaces everything that does not depend on the picture by constants. The engine itself computes them, so a folded
 * model means what the original means to it. Shapes are constants too: inputs are static (`requireStaticInputs`).
 */
export async function foldConstants(graph: Graph, runner: GraphRunner): Promise<void> {
  constantNodesToInitializers(graph);
  const constant = new Set(graph.proto.initializer.map((tensor) => tensor.name ?? ''));
  const folded = new Set<NodeProto>();
  for (const node of graph.nodes) {
    const known = node.input.every((input) => input === '' || constant.has(input));
    const measuresShape = node.opType === 'Shape' || node.opType === 'Size';
    if (neverConstant.has(node.opType ?? '') || subgraphs(node).length > 0) continue;
    if (!known && !measuresShape) continue;
    folded.add(node);
    for (const output of node.output) constant.add(output);
  }
  const wanted = [...folded].flatMap((node) =>
    node.output.filter(
      (output) => graph.isOutput(output) || graph.consumers(output).some((reader) => !folded.has(reader)),
    ),
  );
  const replaced = wanted.filter((name) => name !== '' && !graph.isOutput(name));
  if (replaced.length > 0) {
    const values = await valuesOf(graph, runner, replaced);
    graph.proto.node = graph.nodes.filter(
      (node) => !folded.has(node) || node.output.some((o) => graph.isOutput(o)),
    );
    for (const tensor of values) graph.setInitializer(tensor);
  }
  removeDeadEnds(graph);
}

async function valuesOf(graph: Graph, runner: GraphRunner, names: readonly string[]): Promise<TensorProto[]> {
  const part = cloneGraph(graph);
  part.proto.output = names.map((name) => ({ name }));
  removeDeadEnds(part);
  const loaded = await runner.load(saveModel(part), { optimization: 'none' });
  try {
    const { outputs } = await loaded.run(zeroInputs(part));
    return names.map((name) => {
      const value = outputs[name];
      if (value === undefined) throw new RangeError(`the engine did not return ${name}`);
      return makeTensor(name, value.dataType, value.dims, value.data);
    });
  } finally {
    await loaded.close();
  }
}

export function constantNodesToInitializers(graph: Graph): void {
  graph.proto.node = graph.nodes.filter((node) => {
    if (node.opType !== 'Constant' || graph.isOutput(node.output[0] ?? '')) return true;
    const tensor = constantValue(node);
    if (tensor === undefined) return true;
    graph.proto.initializer.push(tensor);
    return false;
  });
  graph.changed();
}

function constantValue(node: NodeProto): TensorProto | undefined {
  const name = node.output[0] ?? '';
  const value = tensorAttribute(node, 'value');
  if (value !== undefined) return { ...value, name };
  const float = attribute(node, 'value_float')?.f;
  if (float !== undefined) return floatTensor(name, [], [float]);
  const int = attribute(node, 'value_int')?.i;
  if (int !== undefined) return int64Tensor(name, [], [Number(int)]);
  const floats = attribute(node, 'value_floats')?.floats;
  if (floats !== undefined) return floatTensor(name, [floats.length], floats);
  const ints = attribute(node, 'value_ints')?.ints;
  return ints === undefined ? undefined : int64Tensor(name, [ints.length], ints.map(Number));
}
