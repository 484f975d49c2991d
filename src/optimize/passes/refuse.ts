import { InputError } from '../../base/index.ts';
import type { Graph } from '../onnx/graph.ts';
import { dataTypes } from '../onnx/types.ts';

const quantizedOperators =
  /^(QuantizeLinear|DequantizeLinear|DynamicQuantizeLinear|QLinear.*|ConvInteger|MatMulInteger|DynamicQuantize.*)$/;

/** A second quantization on top of a first multiplies the error; the float model is what is needed. */
export function refuseQuantized(graph: Graph): void {
  const node = graph.nodes.find((item) => quantizedOperators.test(item.opType ?? ''));
  const half = graph.proto.initializer.find(
    (tensor) => tensor.dataType === dataTypes.float16 || tensor.dataType === dataTypes.bfloat16,
  );
  if (node === undefined && half === undefined) return;
  const found =
    node === undefined ? `16-bit weights (${half?.name})` : `${node.opType} (${node.name || node.output[0]})`;
  throw new InputError(
    'onnx-quantized',
    `The model is quantized already: it holds ${found}.`,
    'Start from the float32 model.',
  );
}
