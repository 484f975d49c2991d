import { makeNode } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { cloneGraph } from '../onnx/load.ts';
import { floatTensor, makeTensor } from '../onnx/tensor.ts';
import { dataTypes, type NodeProto } from '../onnx/types.ts';
import { channelAxis } from './operators.ts';
import { quantizeWeights } from './weights.ts';

/**
 * Weights as INT8 per output channel, arithmetic in float: a quarter of the size, nearly the accuracy of float, and no
 * calibration. Not faster; for devices that load a model over a slow link.
 */
export function writeWeightOnly(graph: Graph): Graph {
  const copy = cloneGraph(graph);
  const nodes: NodeProto[] = [];
  for (const node of copy.nodes) {
    const axis = channelAxis(copy, node);
    if (axis !== undefined) {
      const { values, scales, dims } = quantizeWeights(copy, node, axis);
      const stem = node.output[0] ?? '';
      const integers = `${stem}_weight`;
      copy.proto.initializer.push(
        makeTensor(integers, dataTypes.int8, dims, values),
        floatTensor(`${integers}_scale`, [scales.length], scales),
        makeTensor(`${integers}_zero_point`, dataTypes.int8, [scales.length], new Int8Array(scales.length)),
      );
      nodes.push(
        makeNode(
          'DequantizeLinear',
          `${integers}_DequantizeLinear`,
          [integers, `${integers}_scale`, `${integers}_zero_point`],
          [`${integers}_dequantized`],
          { axis },
        ),
      );
      node.input[1] = `${integers}_dequantized`;
    }
    nodes.push(node);
  }
  copy.proto.node = nodes;
  const read = new Set(nodes.flatMap((node) => node.input));
  copy.proto.initializer = copy.proto.initializer.filter((tensor) => read.has(tensor.name ?? ''));
  copy.changed();
  return copy;
}
