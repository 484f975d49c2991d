import { attribute, intsAttribute, removeAttribute, setAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { int64Tensor } from '../onnx/tensor.ts';
import type { NodeProto } from '../onnx/types.ts';

/** IR version that came with opset 19. */
const irVersion = 9n;

/** Since 18 their axes are an input. */
const reductions: ReadonlySet<string> = new Set([
  ...['ReduceMax', 'ReduceMin', 'ReduceMean', 'ReduceProd', 'ReduceL1', 'ReduceL2'],
  ...['ReduceLogSum', 'ReduceLogSumExp', 'ReduceSumSquare'],
]);

/**
 * Brings opset 13 to 18 to `target` (19 or 20). Between them only these operators changed their meaning (ONNX Changelog.md): all
 * others learned types, or options whose default is what they did before. Newer models stay as they are.
 */
export function raiseOpset(graph: Graph, target: number): void {
  const { opset } = graph;
  if (opset >= target) return;
  for (const node of graph.nodes) {
    if ((node.domain ?? '') !== '') continue;
    if (
      opset < 16 &&
      node.opType === 'RoiAlign' &&
      attribute(node, 'coordinate_transformation_mode') === undefined
    )
      setAttribute(node, 'coordinate_transformation_mode', 'output_half_pixel');
    if (opset < 18) toEighteen(graph, node);
  }
  for (const item of graph.model.opsetImport) {
    if ((item.domain ?? '') === '' || item.domain === 'ai.onnx') item.version = BigInt(target);
  }
  if ((graph.model.irVersion ?? 0n) < irVersion) graph.model.irVersion = irVersion;
  graph.changed();
}

function toEighteen(graph: Graph, node: NodeProto): void {
  const { opType = '' } = node;
  if (opType === 'Split' && (node.input[1] ?? '') === '')
    setAttribute(node, 'num_outputs', node.output.length);
  const axes = reductions.has(opType) ? intsAttribute(node, 'axes') : undefined;
  if (axes === undefined) return;
  const name = graph.fresh(`${node.output[0]}_axes`);
  graph.setInitializer(int64Tensor(name, [axes.length], axes));
  removeAttribute(node, 'axes');
  node.input = [node.input[0] ?? '', name];
}
