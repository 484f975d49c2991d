import { intAttribute, stringAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { dataTypes, type NodeProto } from '../onnx/types.ts';

/** What quantization may do with an operator. Everything that is not named here stays in float and is reported. */
export type Role = 'conv' | 'move' | 'join' | 'arithmetic' | 'sigmoid' | 'relu' | 'float';

/** They move values and compute none: the output shares the input's scale, and an integer engine drops the QDQ pair. */
const moving = new Set([
  'MaxPool',
  'Slice',
  'Split',
  'Transpose',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Gather',
  'DepthToSpace',
  'SpaceToDepth',
  'Identity',
]);

export function roleOf(graph: Graph, node: NodeProto): Role {
  if ((node.domain ?? '') !== '') return 'float';
  const type = node.opType ?? '';
  if (type === 'Conv') return isQuantizableConv(graph, node) ? 'conv' : 'float';
  if (moving.has(type)) return movesActivation(graph, node) ? 'move' : 'float';
  // Linear interpolation stays within its input's range too, but only nearest is exact on integers.
  if (type === 'Resize') return stringAttribute(node, 'mode', 'nearest') === 'nearest' ? 'move' : 'float';
  if (type === 'Concat') return allActivations(graph, node) ? 'join' : 'float';
  if (type === 'Add' || type === 'Mul') return allActivations(graph, node) ? 'arithmetic' : 'float';
  // ONNX Runtime's integer AveragePool takes 25 times as long as its float one (237 against 9 us in FastestDet).
  if (type === 'GlobalAveragePool') return 'arithmetic';
  if (type === 'LeakyRelu') return 'arithmetic';
  if (type === 'Sigmoid') return 'sigmoid';
  if (type === 'Relu') return 'relu';
  return 'float';
}

/** Inputs of a node that carry pictures, not weights, shapes or indices. */
export function activationInputs(graph: Graph, node: NodeProto): string[] {
  const role = roleOf(graph, node);
  if (role === 'join' || node.opType === 'Add' || node.opType === 'Mul') return [...new Set(node.input)];
  return node.input.slice(0, 1);
}

function isQuantizableConv(graph: Graph, node: NodeProto): boolean {
  const weight = graph.initializer(node.input[1] ?? '');
  const bias = node.input[2] ?? '';
  return (
    weight?.dataType === dataTypes.float &&
    !graph.isConstant(node.input[0] ?? '') &&
    (bias === '' || graph.initializer(bias)?.dataType === dataTypes.float) &&
    intAttribute(node, 'group', 1) > 0
  );
}

function movesActivation(graph: Graph, node: NodeProto): boolean {
  const [first = '', ...rest] = node.input;
  return !graph.isConstant(first) && rest.every((input) => input === '' || graph.isConstant(input));
}

function allActivations(graph: Graph, node: NodeProto): boolean {
  return node.input.every((input) => !graph.isConstant(input));
}
