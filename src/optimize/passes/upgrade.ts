import { InputError } from '../../base/index.ts';
import {
  intAttribute,
  intsAttribute,
  makeNode,
  removeAttribute,
  setAttribute,
  stringAttribute,
  subgraphs,
} from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { int64Tensor } from '../onnx/tensor.ts';
import type { NodeProto } from '../onnx/types.ts';

/** Per-channel DequantizeLinear came with 13. */
export const targetOpset = 13;
/** Below 11, Resize, Pad and Slice mean something else; every exporter in use writes 11 or newer. */
const oldestOpset = 11;

/**
 * Brings opset 11 and 12 to 13. Between them only these operators changed their meaning (ONNX Changelog.md);
 * all others merely learned bfloat16. Newer models stay as they are.
 */
export function upgradeOpset(graph: Graph): void {
  const { opset } = graph;
  if (opset >= targetOpset) return;
  if (opset < oldestOpset) {
    throw new InputError(
      'onnx-opset',
      `The model uses operator set ${opset}; ${oldestOpset} or newer is needed.`,
      'Export it again with opset 11 or newer (torch.onnx.export(..., opset_version=13)).',
    );
  }
  const ranks = ranksOf(graph);
  graph.proto.node = graph.nodes.flatMap((node) => upgradeNode(graph, node, ranks));
  for (const item of graph.model.opsetImport) {
    if ((item.domain ?? '') === '' || item.domain === 'ai.onnx') item.version = BigInt(targetOpset);
  }
  // QDQ with an axis needs IR 7 in no rule, but older IR versions list initializers as inputs.
  if ((graph.model.irVersion ?? 0n) < 7n) graph.model.irVersion = 7n;
  graph.changed();
}

function upgradeNode(graph: Graph, node: NodeProto, ranks: ReadonlyMap<string, number>): NodeProto[] {
  if ((node.domain ?? '') !== '') return [node];
  for (const inner of subgraphs(node)) {
    if (inner.node.some((child) => changedOperators.has(child.opType ?? ''))) {
      throw new InputError(
        'onnx-opset',
        `Node ${node.name || node.opType} holds a subgraph with operators that changed after opset 12.`,
        'Export the model again with opset 13 or newer.',
      );
    }
  }
  const change = changedOperators.get(node.opType ?? '');
  return change === undefined ? [node] : change(graph, node, ranks);
}

type Change = (graph: Graph, node: NodeProto, ranks: ReadonlyMap<string, number>) => NodeProto[];

const changedOperators: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['Squeeze', (graph, node) => attributeToInput(graph, node, 'axes')],
  ['Unsqueeze', (graph, node) => attributeToInput(graph, node, 'axes')],
  ['ReduceSum', (graph, node) => attributeToInput(graph, node, 'axes')],
  ['Split', (graph, node) => attributeToInput(graph, node, 'split')],
  ['Softmax', softmax],
  ['LogSoftmax', softmax],
  ['Hardmax', softmax],
  ['Dropout', dropout],
  ['Resize', resize],
]);

function attributeToInput(graph: Graph, node: NodeProto, name: string): NodeProto[] {
  const values = intsAttribute(node, name);
  if (values === undefined) return [node];
  const input = graph.fresh(`${node.output[0]}_${name}`);
  graph.setInitializer(int64Tensor(input, [values.length], values));
  removeAttribute(node, name);
  node.input = [node.input[0] ?? '', input];
  return [node];
}

/** Until 12 the axes from `axis` on were one: flatten, softmax over the last axis, and back. */
function softmax(graph: Graph, node: NodeProto, ranks: ReadonlyMap<string, number>): NodeProto[] {
  const axis = intAttribute(node, 'axis', 1);
  const input = node.input[0] ?? '';
  const output = node.output[0] ?? '';
  const rank = ranks.get(input) ?? ranks.get(output);
  if (axis === -1 || (rank !== undefined && axis === rank - 1)) {
    setAttribute(node, 'axis', -1);
    return [node];
  }
  const shape = graph.fresh(`${output}_shape`);
  const flat = graph.fresh(`${output}_flat`);
  const result = graph.fresh(`${output}_soft`);
  setAttribute(node, 'axis', -1);
  node.input = [flat];
  node.output = [result];
  return [
    makeNode('Shape', shape, [input], [shape]),
    makeNode('Flatten', flat, [input], [flat], { axis }),
    node,
    makeNode('Reshape', `${result}_back`, [result, shape], [output]),
  ];
}

function dropout(_graph: Graph, node: NodeProto): NodeProto[] {
  removeAttribute(node, 'ratio');
  return [node];
}

function resize(_graph: Graph, node: NodeProto): NodeProto[] {
  if (stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel') === 'tf_half_pixel_for_nn') {
    throw new InputError(
      'onnx-opset',
      `Resize ${node.name ?? ''} uses tf_half_pixel_for_nn, which opset 13 no longer has.`,
      'Export the model again with opset 13 or newer.',
    );
  }
  return [node];
}

function ranksOf(graph: Graph): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const info of [...graph.proto.valueInfo, ...graph.proto.input, ...graph.proto.output]) {
    const shape = info.type?.tensorType?.shape;
    if (shape !== undefined) ranks.set(info.name ?? '', shape.dim.length);
  }
  return ranks;
}
