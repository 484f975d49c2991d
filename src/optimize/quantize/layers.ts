import type { Graph } from '../onnx/graph.ts';
import type { NodeProto } from '../onnx/types.ts';
import { channelAxis, roleOf } from './operators.ts';

/** What follows a weighted operator and is computed with it. */
export type Activation = 'none' | 'relu' | 'silu';

/** The unit that is quantized or left in float: a weighted operator and the activation that only it feeds. */
export interface Layer {
  /** The operator's name, or its output where it has none; unique. */
  readonly id: string;
  /** Conv, ConvTranspose, Gemm or MatMul with constant weights. */
  readonly operator: NodeProto;
  /** Dimension of the output channels in its weights. */
  readonly axis: number;
  readonly activation: Activation;
  /** The operator first. */
  readonly nodes: readonly NodeProto[];
  /** Value behind the activation. */
  readonly output: string;
}

/** All quantizable layers in graph order. */
export function findLayers(graph: Graph): Layer[] {
  const used = new Set<string>();
  return graph.nodes.flatMap((node) => {
    const axis = roleOf(graph, node) === 'weighted' ? channelAxis(graph, node) : undefined;
    if (axis === undefined) return [];
    const name = node.name || node.output[0] || '';
    const id = used.has(name) ? (node.output[0] ?? '') : name;
    used.add(id);
    return [{ id, operator: node, axis, ...activationOf(graph, node) }];
  });
}

function activationOf(graph: Graph, operator: NodeProto): Pick<Layer, 'activation' | 'nodes' | 'output'> {
  const output = operator.output[0] ?? '';
  const readers = graph.isOutput(output) ? [] : graph.consumers(output);
  const [first, second] = readers;
  if (readers.length === 1 && first?.opType === 'Relu') {
    return { activation: 'relu', nodes: [operator, first], output: first.output[0] ?? '' };
  }
  const sigmoid = readers.find((node) => node.opType === 'Sigmoid');
  const mul = readers.find((node) => node.opType === 'Mul');
  if (readers.length === 2 && first !== undefined && second !== undefined && sigmoid && mul) {
    const gate = sigmoid.output[0] ?? '';
    const onlyMul = !graph.isOutput(gate) && graph.consumers(gate).length === 1;
    if (onlyMul && mul.input.includes(gate) && mul.input.includes(output)) {
      return { activation: 'silu', nodes: [operator, sigmoid, mul], output: mul.output[0] ?? '' };
    }
  }
  return { activation: 'none', nodes: [operator], output };
}

/**
 * The detection tail: nodes behind which no layer comes any more. Their arithmetic (box decoding, scores) needs
 * more than 8 bits and costs next to nothing.
 */
export function detectionTail(graph: Graph): Set<NodeProto> {
  const before = new Set<NodeProto>();
  const tail = new Set<NodeProto>();
  for (const node of [...graph.nodes].reverse()) {
    const leadsToLayer = node.output.some((output) =>
      graph.consumers(output).some((reader) => before.has(reader)),
    );
    if (leadsToLayer || roleOf(graph, node) === 'weighted') before.add(node);
    else tail.add(node);
  }
  // The activation of a last convolution belongs to its layer only if a later one reads it, so it stays in the tail.
  return tail;
}
