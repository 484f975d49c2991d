import { floatAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { dimsOf, floatData, floatTensor } from '../onnx/tensor.ts';
import type { NodeProto } from '../onnx/types.ts';

/**
 * Folds a BatchNormalization at inference into the Conv before it:
 * W' = W * scale / sqrt(var + eps), b' = (b - mean) * scale / sqrt(var + eps) + shift, per output channel.
 * Returns how many were folded.
 */
export function foldBatchNorm(graph: Graph): number {
  let count = 0;
  for (const norm of [...graph.nodes]) {
    if (norm.opType !== 'BatchNormalization') continue;
    const conv = graph.producer(norm.input[0] ?? '');
    if (conv?.opType !== 'Conv' || !foldable(graph, conv, norm)) continue;
    fold(graph, conv, norm);
    count += 1;
  }
  return count;
}

function foldable(graph: Graph, conv: NodeProto, norm: NodeProto): boolean {
  const between = norm.input[0] ?? '';
  return (
    !graph.isOutput(between) &&
    graph.consumers(between).length === 1 &&
    norm.output.slice(1).every((output) => output === '') &&
    [...norm.input.slice(1), ...conv.input.slice(1)].every((input) => input === '' || graph.isConstant(input))
  );
}

function fold(graph: Graph, conv: NodeProto, norm: NodeProto): void {
  const constant = (name: string | undefined) => {
    const tensor = graph.initializer(name ?? '');
    if (tensor === undefined) throw new RangeError(`${name} is no constant`);
    return tensor;
  };
  const [scale, shift, mean, variance] = norm.input.slice(1).map((name) => floatData(constant(name)));
  const weight = constant(conv.input[1]);
  const dims = dimsOf(weight);
  const channels = dims[0] ?? 0;
  const values = floatData(weight);
  const old = conv.input[2] ? floatData(constant(conv.input[2])) : new Float32Array(channels);
  const bias = new Float32Array(channels);
  const epsilon = floatAttribute(norm, 'epsilon', 1e-5);
  const perChannel = values.length / channels;
  for (let c = 0; c < channels; c += 1) {
    const factor = (scale?.[c] ?? 1) / Math.sqrt((variance?.[c] ?? 1) + epsilon);
    bias[c] = ((old[c] ?? 0) - (mean?.[c] ?? 0)) * factor + (shift?.[c] ?? 0);
    for (let i = c * perChannel; i < (c + 1) * perChannel; i += 1) values[i] = (values[i] ?? 0) * factor;
  }
  // Fresh names: another node may share the old weight.
  const weightName = graph.fresh(`${conv.input[1]}_folded`);
  graph.setInitializer(floatTensor(weightName, dims, values));
  const biasName = graph.fresh(`${weightName}_bias`);
  graph.setInitializer(floatTensor(biasName, [channels], bias));
  conv.input = [conv.input[0] ?? '', weightName, biasName];
  conv.output = [norm.output[0] ?? ''];
  graph.proto.node = graph.nodes.filter((node) => node !== norm);
  graph.changed();
}
