import type { Graph } from '../onnx/graph.ts';
import type { NodeProto } from '../onnx/types.ts';
import { detectionTail, type Layer } from './layers.ts';
import { activationInputs, roleOf } from './operators.ts';

/** Where integers flow: the nodes that compute on them, and the values that are quantized. */
export interface Placement {
  readonly integer: ReadonlySet<NodeProto>;
  /** Values that get a Quantize/Dequantize pair, each with the representative whose scale it shares. */
  readonly points: ReadonlyMap<string, string>;
}

/**
 * Chooses nodes and values for a set of layers in INT8. Other operators follow demand: one that feeds an integer node
 * runs on integers too if it can, since its result is quantized anyway. The detection tail never does.
 */
export function place(graph: Graph, layers: readonly Layer[], quantized: ReadonlySet<string>): Placement {
  const integer = new Set<NodeProto>();
  const ownedByLayer = new Set<NodeProto>();
  const inside = new Set<string>();
  const tail = detectionTail(graph);
  for (const layer of layers) {
    const nodes = layer.nodes.some((node) => tail.has(node)) ? layer.nodes.slice(0, 1) : layer.nodes;
    for (const node of nodes) ownedByLayer.add(node);
    if (!quantized.has(layer.id)) continue;
    for (const node of nodes) integer.add(node);
    // A Relu is part of the convolution's requantization: nothing is rounded between them.
    if (layer.activation === 'relu' && nodes.length > 1) inside.add(layer.conv.output[0] ?? '');
  }
  for (const node of [...graph.nodes].reverse()) {
    if (ownedByLayer.has(node) || tail.has(node) || roleOf(graph, node) === 'float') continue;
    const wanted = node.output.some((output) =>
      graph.consumers(output).some((reader) => integer.has(reader)),
    );
    if (wanted) integer.add(node);
  }
  const shared = new Shared();
  for (const node of graph.nodes) {
    if (!integer.has(node)) continue;
    const inputs = activationInputs(graph, node);
    for (const value of [...inputs, ...node.output])
      if (value !== '' && !inside.has(value)) shared.add(value);
    if (roleOf(graph, node) !== 'move') continue;
    for (const output of node.output) if (output !== '') shared.join(inputs[0] ?? '', output);
  }
  return { integer, points: shared.representatives() };
}

/** Union-find over values; the representative of a set is its first member. */
class Shared {
  readonly #parent = new Map<string, string>();

  add(value: string): void {
    if (!this.#parent.has(value)) this.#parent.set(value, value);
  }

  join(first: string, second: string): void {
    this.#parent.set(this.#root(second), this.#root(first));
  }

  representatives(): Map<string, string> {
    return new Map([...this.#parent.keys()].map((value) => [value, this.#root(value)]));
  }

  #root(value: string): string {
    let at = value;
    for (;;) {
      const next = this.#parent.get(at) ?? at;
      if (next === at) return at;
      at = next;
    }
  }
}
