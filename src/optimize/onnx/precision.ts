import type { VariantKind } from '../../model/index.ts';
import { intAttribute, subgraphs } from './attributes.ts';
import { decodeModel } from './codec.ts';
import { Graph } from './graph.ts';
import { integerData, sizeOf } from './tensor.ts';
import { dataTypes, type GraphProto, type NodeProto, type TensorProto } from './types.ts';

/** Operators that compute on integers themselves, as quantizers for ONNX Runtime write them. */
const integerOperators = /^(QLinear\w+|ConvInteger|MatMulInteger\w*|DynamicQuantize\w+|QGemm|QAttention)$/;

/**
 * What kind of variant an ONNX file is, whoever made it: what an engine may do with it depends on the integers and halves
 * inside of it, not on its name. `qdq-s8` has zero points of 0 alone, which is what TensorRT reads; every other INT8 network is
 * one for ONNX Runtime.
 */
export function variantKindOf(model: Uint8Array): VariantKind {
  const { proto: graph } = new Graph(decodeModel(model));
  const nodes = allNodes(graph);
  const constants = new Map(allConstants(graph, nodes).map((tensor) => [tensor.name ?? '', tensor]));
  if (nodes.some(({ opType = '' }) => integerOperators.test(opType))) return 'qdq-u8';
  const quantizers = nodes.filter(({ opType }) => opType === 'QuantizeLinear');
  if (quantizers.length > 0) {
    return quantizers.every((node) => isSymmetric(node, constants)) ? 'qdq-s8' : 'qdq-u8';
  }
  if (nodes.some(({ opType = '', input }) => opType === 'DequantizeLinear' && constants.has(input[0] ?? '')))
    return 'weights-int8';
  return isHalf(constants) ? 'fp16' : 'fp32';
}

const halves: readonly number[] = [dataTypes.float16, dataTypes.bfloat16];
const floats: readonly number[] = [dataTypes.float, dataTypes.double];

/** int8 around 0. Where nothing else is said, the integers are unsigned. */
function isSymmetric(node: NodeProto, constants: ReadonlyMap<string, TensorProto>): boolean {
  const [, , name = ''] = node.input;
  if (name === '') return intAttribute(node, 'output_dtype', dataTypes.uint8) === dataTypes.int8;
  const zeroPoint = constants.get(name);
  if (zeroPoint?.dataType !== dataTypes.int8) return false;
  return integerData(zeroPoint).every((value) => value === 0);
}

/** Most of the weights are: a half network keeps some constants in float, and a float one has no reason for halves. */
function isHalf(constants: ReadonlyMap<string, TensorProto>): boolean {
  let more = 0;
  for (const { dataType = 0, dims } of constants.values()) {
    const size = sizeOf(dims.map(Number));
    if (halves.includes(dataType)) more += size;
    else if (floats.includes(dataType)) more -= size;
  }
  return more > 0;
}

function allNodes(graph: GraphProto): NodeProto[] {
  return graph.node.flatMap((node) => [node, ...subgraphs(node).flatMap(allNodes)]);
}

/** Initializers and what Constant nodes hold, by the name of their value. */
function allConstants(graph: GraphProto, nodes: readonly NodeProto[]): TensorProto[] {
  const inside = nodes.flatMap((node) => subgraphs(node).flatMap(({ initializer }) => initializer));
  const held = nodes
    .filter(({ opType }) => opType === 'Constant')
    .flatMap(({ output, attribute }) =>
      attribute.flatMap(({ t }) => (t === undefined ? [] : [{ ...t, name: output[0] ?? '' }])),
    );
  return [...graph.initializer, ...inside, ...held];
}
