import { floatAttribute, intAttribute, stringAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { dimsOf, floatData, sizeOf } from '../onnx/tensor.ts';
import { dataTypes, type NodeProto, type TensorProto } from '../onnx/types.ts';

/** What quantization may do with an operator. Everything that is not named here stays in float and is reported. */
export type Role = 'weighted' | 'move' | 'join' | 'arithmetic' | 'sigmoid' | 'relu' | 'float';

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

/** What engines compute together with the weighted operator before it. */
export const activationOperators: ReadonlySet<string> = new Set([
  ...['Relu', 'LeakyRelu', 'PRelu', 'Elu', 'Clip', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Mul'],
  ...['Gelu', 'Mish', 'Softplus', 'Selu', 'BatchNormalization'],
]);

export function roleOf(graph: Graph, node: NodeProto): Role {
  if ((node.domain ?? '') !== '') return 'float';
  const type = node.opType ?? '';
  if (channelAxis(graph, node) !== undefined) return 'weighted';
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

/** Dimension of the output channels in the weights of an operator whose weights can be integers; undefined for all others. */
export function channelAxis(graph: Graph, node: NodeProto): number | undefined {
  const [input = '', weightName = '', bias = ''] = node.input;
  const weight = graph.initializer(weightName);
  if (weight?.dataType !== dataTypes.float || graph.isConstant(input)) return undefined;
  if (bias !== '' && graph.initializer(bias)?.dataType !== dataTypes.float) return undefined;
  const rank = weight.dims.length;
  if (node.opType === 'Conv') return isExpectedValue(weight) ? undefined : 0;
  if (node.opType === 'ConvTranspose') return intAttribute(node, 'group', 1) === 1 ? 1 : undefined;
  if (node.opType === 'MatMul') return rank === 2 ? 1 : undefined;
  if (node.opType !== 'Gemm' || intAttribute(node, 'transA', 0) !== 0) return undefined;
  const plain = floatAttribute(node, 'alpha', 1) === 1 && floatAttribute(node, 'beta', 1) === 1;
  const axis = 1 - intAttribute(node, 'transB', 0);
  const each = bias === '' || sizeOf(graph.constantDims(bias) ?? []) === dimsOf(weight)[axis];
  return plain && each ? axis : undefined;
}

/** Weights 0, 1, 2, ... to one channel: the mean of a distribution (DFL), arithmetic of the head and nothing learned. */
function isExpectedValue(weight: TensorProto): boolean {
  const [outputs, inputs = 0] = dimsOf(weight);
  const values = outputs === 1 && inputs > 2 && sizeOf(dimsOf(weight)) === inputs ? floatData(weight) : [];
  return values.length > 0 && values.every((value, i) => value === i);
}

function movesActivation(graph: Graph, node: NodeProto): boolean {
  const [first = '', ...rest] = node.input;
  return !graph.isConstant(first) && rest.every((input) => input === '' || graph.isConstant(input));
}

function allActivations(graph: Graph, node: NodeProto): boolean {
  return node.input.every((input) => !graph.isConstant(input));
}
