import type { Graph } from '../onnx/graph.ts';
import { dimsOf, integerData } from '../onnx/tensor.ts';
import { dataTypes, type NodeProto } from '../onnx/types.ts';
import { raiseOpset } from '../passes/raise-opset.ts';
import { elementTypes } from './element-types.ts';
import { writeFloat16 } from './float16.ts';
import { activationOperators } from './operators.ts';
import { residualOf } from './placement.ts';

/** Scales may be halves from here on; TensorRT 10 reads up to opset 20. */
const halfScalesOpset = 19;

/**
 * A graph of `qdq-s8` pairs with everything else in float16, scales too: TensorRT builds strongly typed networks as the file
 * says, and a scale of float32 would leave all that follows in FP32.
 */
export function finishForTensorRt(graph: Graph): Graph {
  raiseOpset(graph, halfScalesOpset);
  return writeFloat16(graph).graph;
}

export interface FusionReport {
  /** Conv, ConvTranspose, Gemm and MatMul with constant weights. */
  readonly weighted: number;
  /** Those that can become one INT8 layer with what follows them. */
  readonly int8: number;
  /** Those without any pair, as the search left them. */
  readonly half: readonly string[];
  /** Those with pairs that TensorRT cannot make an INT8 layer of, and why. */
  readonly broken: readonly { readonly name: string; readonly reason: string }[];
  /** Operators that compute in FP32, with their counts. */
  readonly fp32: Readonly<Record<string, number>>;
}

/** Weighted operators with the dimension of the output channels in their weights. */
const weightedAxis: Readonly<Record<string, number>> = { Conv: 0, ConvTranspose: 1, Gemm: 1, MatMul: 1 };
/** They pass on or convert and compute nothing. */
const noArithmetic: ReadonlySet<string> = new Set(['Cast', 'QuantizeLinear', 'DequantizeLinear']);

/**
 * What TensorRT can make of a graph, by the rules of NVIDIA's guide ("Q/DQ Layer-Placement Recommendations", "Q/DQ
 * Interaction with Plugins" and "Strongly typed networks"): says nothing about speed, and needs no TensorRT.
 */
export function fusionOf(graph: Graph): FusionReport {
  const half: string[] = [];
  const broken: { readonly name: string; readonly reason: string }[] = [];
  let weighted = 0;
  for (const node of graph.nodes) {
    if (!isWeighted(graph, node)) continue;
    weighted += 1;
    const name = node.name || node.output[0] || '';
    const verdict = verdictOf(graph, node);
    if (verdict === 'half') half.push(name);
    else if (verdict !== 'int8') broken.push({ name, reason: verdict.reason });
  }
  return { weighted, int8: weighted - half.length - broken.length, half, broken, fp32: floatsOf(graph) };
}

function isWeighted(graph: Graph, node: NodeProto): boolean {
  if (weightedAxis[node.opType ?? ''] === undefined) return false;
  const [, weight = ''] = node.input;
  const producer = graph.producer(weight);
  return graph.isConstant(weight) || (producer !== undefined && graph.isConstant(producer.input[0] ?? ''));
}

type Verdict = 'int8' | 'half' | { readonly reason: string };

function verdictOf(graph: Graph, node: NodeProto): Verdict {
  const [input = '', weight = ''] = node.input;
  const [pair, integers] = [pairBefore(graph, input), graph.producer(weight)];
  const quantizedWeights = integers?.opType === 'DequantizeLinear';
  if (pair === undefined && !quantizedWeights) return 'half';
  if (pair === undefined) return { reason: 'its weights are integers and its input has no pair' };
  if (!quantizedWeights) return { reason: 'its input has a pair and its weights are floats' };
  if (![...pair, integers].every((each) => isSymmetric(graph, each)))
    return { reason: 'a zero point is not 0' };
  if (!pair.every((each) => scaleCount(graph, each) === 1)) return { reason: 'its input has several scales' };
  const dims = graph.constantDims(integers.input[0] ?? '') ?? [];
  const transposed =
    node.opType === 'Gemm' && node.attribute.some(({ name, i }) => name === 'transB' && i === 1n);
  const axis = transposed ? 0 : (weightedAxis[node.opType ?? ''] ?? 0);
  if (scaleCount(graph, integers) !== dims[axis]) {
    return { reason: 'its weights have no scale for each output channel' };
  }
  return behind(graph, node);
}

/** What follows is computed with the operator, unless a pair lies between. */
function behind(graph: Graph, node: NodeProto): Verdict {
  const output = node.output[0] ?? '';
  for (const reader of graph.consumers(output)) {
    if (reader.opType === 'QuantizeLinear') {
      const activation = readersBehind(graph, reader).find(({ opType = '' }) =>
        activationOperators.has(opType),
      );
      if (activation !== undefined) return { reason: `a pair is between it and its ${activation.opType}` };
    }
    const residual = residualOf(graph, reader, new Set([node]));
    if (residual !== undefined && pairBefore(graph, residual) === undefined) {
      return { reason: 'the other side of its residual sum has no pair' };
    }
  }
  return 'int8';
}

function readersBehind(graph: Graph, quantize: NodeProto): NodeProto[] {
  return graph
    .consumers(quantize.output[0] ?? '')
    .filter(({ opType }) => opType === 'DequantizeLinear')
    .flatMap(({ output }) => graph.consumers(output[0] ?? ''));
}

function pairBefore(graph: Graph, value: string): readonly [NodeProto, NodeProto] | undefined {
  const dequantize = graph.producer(value);
  if (dequantize?.opType !== 'DequantizeLinear') return undefined;
  const quantize = graph.producer(dequantize.input[0] ?? '');
  return quantize?.opType === 'QuantizeLinear' ? [quantize, dequantize] : undefined;
}

function isSymmetric(graph: Graph, node: NodeProto): boolean {
  const zeroPoint = graph.initializer(node.input[2] ?? '');
  return zeroPoint?.dataType === dataTypes.int8 && integerData(zeroPoint).every((value) => value === 0);
}

function scaleCount(graph: Graph, node: NodeProto): number {
  const scale = graph.initializer(node.input[1] ?? '');
  return scale === undefined ? 0 : dimsOf(scale).reduce((product, side) => product * side, 1);
}

function floatsOf(graph: Graph): Record<string, number> {
  const types = elementTypes(graph);
  const counts: Record<string, number> = {};
  for (const { opType = '', output } of graph.nodes) {
    if (noArithmetic.has(opType) || !output.some((value) => types.get(value) === dataTypes.float)) continue;
    counts[opType] = (counts[opType] ?? 0) + 1;
  }
  return counts;
}
