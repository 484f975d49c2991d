import { attribute, intAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { dataTypes, type NodeProto } from '../onnx/types.ts';

const counting: ReadonlySet<string> = new Set([
  'Shape',
  'Size',
  'ArgMax',
  'ArgMin',
  'NonZero',
  'NonMaxSuppression',
]);
const comparing: ReadonlySet<string> = new Set([
  ...[
    'Equal',
    'Greater',
    'GreaterOrEqual',
    'Less',
    'LessOrEqual',
    'Not',
    'And',
    'Or',
    'Xor',
    'IsNaN',
    'IsInf',
  ],
]);

/** Element type of every value, as ONNX infers it for the operators that detectors are made of. */
export function elementTypes(graph: Graph): Map<string, number> {
  const types = new Map<string, number>();
  for (const tensor of graph.proto.initializer) types.set(tensor.name ?? '', tensor.dataType ?? 0);
  for (const { name = '', type } of graph.inputs()) types.set(name, type?.tensorType?.elemType ?? 0);
  for (const node of graph.nodes) {
    const type = typeOf(node, types);
    node.output.forEach((value, at) => {
      types.set(value, node.opType === 'TopK' && at === 1 ? dataTypes.int64 : type);
    });
  }
  return types;
}

function typeOf(node: NodeProto, types: ReadonlyMap<string, number>): number {
  const { opType = '' } = node;
  const ofInput = (at: number) => types.get(node.input[at] ?? '') ?? 0;
  if (opType === 'Cast') return intAttribute(node, 'to', 0);
  if (opType === 'QuantizeLinear') return ofInput(2) || dataTypes.uint8;
  if (opType === 'DequantizeLinear') return ofInput(1);
  if (opType === 'Constant' || opType === 'ConstantOfShape') {
    return attribute(node, 'value')?.t?.dataType ?? dataTypes.float;
  }
  if (counting.has(opType)) return dataTypes.int64;
  if (comparing.has(opType)) return dataTypes.bool;
  return ofInput(opType === 'Where' ? 1 : 0);
}
