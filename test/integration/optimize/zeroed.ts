import { cloneGraph } from '../../../src/optimize/index.ts';
import { intAttribute, makeNode } from '../../../src/optimize/onnx/attributes.ts';
import type { Graph } from '../../../src/optimize/onnx/graph.ts';
import { floatTensor } from '../../../src/optimize/onnx/tensor.ts';
import type { ChannelMap } from '../../../src/optimize/prune/channels.ts';
import type { Unit } from '../../../src/optimize/prune/units.ts';

/**
 * The whole graph, in which everything that sums over channels reads those in `gone` as zero: what a pruned graph has to
 * compute. Knows nothing of how channels are removed.
 */
export function withZeroed(graph: Graph, map: ChannelMap, gone: ReadonlySet<Unit>): Graph {
  const copy = cloneGraph(graph);
  for (const node of [...copy.nodes]) {
    const [input = ''] = node.input;
    const axis = summedAxis(copy, node);
    const units = axis === undefined ? undefined : map.of(input, axis);
    if (axis === undefined || units === undefined || !units.some((unit) => gone.has(unit))) continue;
    const rank = map.shapes.get(input)?.length ?? 0;
    const dims = Array.from({ length: rank }, () => 1).with(axis, units.length);
    const mask = copy.fresh(`${input}_mask`);
    copy.setInitializer(
      floatTensor(
        mask,
        dims,
        units.map((unit) => (gone.has(unit) ? 0 : 1)),
      ),
    );
    const zeroed = copy.fresh(`${input}_zeroed`);
    copy.nodes.splice(copy.nodes.indexOf(node), 0, makeNode('Mul', zeroed, [input, mask], [zeroed]));
    node.input = [zeroed, ...node.input.slice(1)];
    copy.changed();
  }
  return copy;
}

function summedAxis(
  graph: Graph,
  node: { opType?: string; input: string[] } & Parameters<typeof intAttribute>[0],
) {
  if (node.opType === 'MatMul' || node.opType === 'Gemm') return -1;
  if (node.opType === 'ConvTranspose') return 1;
  if (node.opType !== 'Conv') return undefined;
  const groups = intAttribute(node, 'group', 1);
  // A depthwise convolution hands the channel on; its own reader is what drops it.
  return groups > 1 && graph.constantDims(node.input[1] ?? '')?.[1] === 1 ? undefined : 1;
}
