import { intAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import type { NodeProto, TensorProto } from '../onnx/types.ts';

/** A node whose constant weights sum over the channels of its input and write new ones. */
export interface WeightedLayer {
  readonly node: NodeProto;
  readonly weight: TensorProto;
  readonly groups: number;
  /** Axis of the input that is summed over, and of the output that is written; from the end where negative. */
  readonly channelAxis: 1 | -1;
  /** Axes of the weights along input (of one group) and output channels. */
  readonly inputAxis: number;
  readonly outputAxis: number;
}

export function weightedLayer(graph: Graph, node: NodeProto): WeightedLayer | undefined {
  if ((node.domain ?? '') !== '') return undefined;
  const weight = graph.initializer(node.input[1] ?? '');
  const bias = node.input[2] ?? '';
  if (weight === undefined || (bias !== '' && !graph.isConstant(bias))) return undefined;
  const rank = weight.dims.length;
  const groups = intAttribute(node, 'group', 1);
  const layer = { node, weight, groups };
  if (node.opType === 'Conv' && rank >= 3) return { ...layer, channelAxis: 1, inputAxis: 1, outputAxis: 0 };
  if (node.opType === 'ConvTranspose' && rank >= 3 && groups === 1)
    return { ...layer, channelAxis: 1, inputAxis: 0, outputAxis: 1 };
  if (node.opType === 'MatMul' && rank === 2)
    return { ...layer, channelAxis: -1, inputAxis: 0, outputAxis: 1 };
  if (node.opType !== 'Gemm' || rank !== 2 || intAttribute(node, 'transA', 0) !== 0) return undefined;
  const transposed = intAttribute(node, 'transB', 0) !== 0;
  return { ...layer, channelAxis: -1, inputAxis: transposed ? 1 : 0, outputAxis: transposed ? 0 : 1 };
}

/** Sizes of the weights, seen from one of their axes: what is outside of it, along it and inside of it. */
export function strides(
  dims: readonly number[],
  axis: number,
): { outer: number; size: number; inner: number } {
  const product = (sides: readonly number[]) => sides.reduce((all, side) => all * side, 1);
  return {
    outer: product(dims.slice(0, axis)),
    size: dims[axis] ?? 1,
    inner: product(dims.slice(axis + 1)),
  };
}
