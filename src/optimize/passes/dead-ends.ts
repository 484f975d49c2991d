import { capturedValues, type Graph } from '../onnx/graph.ts';

/**
 * Removes what changes nothing: Identity, Dropout at inference, nodes that no output needs, constants that nobody
 * reads, and the shapes that an exporter noted for values, which later passes would make untrue.
 */
export function removeDeadEnds(graph: Graph): void {
  bypassCopies(graph);
  const needed = new Set(graph.proto.output.map((output) => output.name ?? ''));
  const kept = [...graph.nodes].reverse().filter((node) => {
    if (!node.output.some((output) => needed.has(output))) return false;
    for (const input of node.input) needed.add(input);
    for (const input of capturedValues(node)) needed.add(input);
    return true;
  });
  graph.proto.node = kept.reverse();
  // Old exporters list constants as inputs; a runtime then refuses to treat them as constant. Before one goes that nobody reads:
  // its input would be one that has to be fed.
  graph.proto.input = graph.inputs();
  graph.proto.initializer = graph.proto.initializer.filter((tensor) => needed.has(tensor.name ?? ''));
  graph.proto.valueInfo = [];
  graph.changed();
}

function bypassCopies(graph: Graph): void {
  const renamed = new Map<string, string>();
  graph.proto.node = graph.nodes.filter((node) => {
    node.input = node.input.map((input) => renamed.get(input) ?? input);
    const [output = '', mask] = node.output;
    const copies = node.opType === 'Identity' || (node.opType === 'Dropout' && (mask ?? '') === '');
    if (!copies || graph.isOutput(output) || capturedBySubgraph(graph, output)) return true;
    renamed.set(output, node.input[0] ?? '');
    return false;
  });
  graph.changed();
}

function capturedBySubgraph(graph: Graph, value: string): boolean {
  return graph.consumers(value).some((node) => capturedValues(node).includes(value));
}
