import type { Graph } from '../onnx/graph.ts';
import type { NodeProto } from '../onnx/types.ts';
import { detectionTail, type Layer } from './layers.ts';
import { activationInputs, roleOf } from './operators.ts';

/** `qdq-s8`: what TensorRT builds INT8 layers from. `qdq-u8`: what ONNX Runtime fuses on x86 and arm64. */
export type QdqForm = 'qdq-s8' | 'qdq-u8';

/** Where integers flow. */
export interface Placement {
  /** What each node reads as integers. */
  readonly reads: ReadonlyMap<NodeProto, ReadonlySet<string>>;
  /** Nodes that compute on integers and give integers: of their results only the rounded value exists. */
  readonly integer: ReadonlySet<NodeProto>;
  /** Values that get a Quantize/Dequantize pair, each with the representative whose scale it shares. */
  readonly points: ReadonlyMap<string, string>;
}

/** Chooses nodes and values for a set of layers in INT8, as the engine of the form wants them. */
export function place(
  graph: Graph,
  layers: readonly Layer[],
  quantized: ReadonlySet<string>,
  form: QdqForm,
): Placement {
  const chosen = layers.filter(({ id }) => quantized.has(id));
  return form === 'qdq-s8' ? placeBefore(graph, chosen) : placeAround(graph, layers, chosen);
}

/**
 * For ONNX Runtime, whose kernels go from integers to integers: pairs lie on both sides of a node. Other operators follow
 * demand: one that feeds an integer node runs on integers too if it can, since its result is quantized anyway. The
 * detection tail never does.
 */
function placeAround(graph: Graph, layers: readonly Layer[], chosen: readonly Layer[]): Placement {
  const integer = new Set<NodeProto>();
  const reads = new Map<NodeProto, ReadonlySet<string>>();
  const ownedByLayer = new Set(layers.flatMap(({ nodes }) => nodes));
  const inside = new Set<string>();
  const tail = detectionTail(graph);
  for (const { operator, activation, nodes } of chosen) {
    if (givesFloats(operator)) {
      reads.set(operator, new Set(activationInputs(graph, operator)));
      continue;
    }
    const own = nodes.some((node) => tail.has(node)) ? [operator] : nodes;
    for (const node of own) integer.add(node);
    // A Relu is part of the convolution's requantization: nothing is rounded between them.
    if (activation === 'relu' && own.length > 1) inside.add(operator.output[0] ?? '');
  }
  for (const node of [...graph.nodes].reverse()) {
    if (ownedByLayer.has(node) || tail.has(node) || roleOf(graph, node) === 'float') continue;
    const wanted = node.output.some((output) =>
      graph.consumers(output).some((reader) => integer.has(reader) || reads.get(reader)?.has(output)),
    );
    if (wanted) integer.add(node);
  }
  const shared = new Shared();
  for (const node of graph.nodes) {
    if (integer.has(node)) reads.set(node, new Set(activationInputs(graph, node)));
    const inputs = [...(reads.get(node) ?? [])];
    const outputs = integer.has(node) ? node.output : [];
    for (const value of [...inputs, ...outputs]) if (value !== '' && !inside.has(value)) shared.add(value);
    if (!integer.has(node) || roleOf(graph, node) !== 'move') continue;
    for (const output of node.output) if (output !== '') shared.join(inputs[0] ?? '', output);
  }
  return { integer, reads, points: shared.representatives() };
}

/** Matrix products leave the integers: what follows (a bias, a softmax) wants floats, and ONNX Runtime has kernels for that. */
function givesFloats({ opType }: NodeProto): boolean {
  return opType === 'Gemm' || opType === 'MatMul';
}

/**
 * For TensorRT, as NVIDIA's guide places them ("Q/DQ Layer-Placement Recommendations"): pairs only before weighted operators, none
 * behind them, so that nothing is rounded between a convolution and its activation. In a residual sum the branch is the
 * output of a convolution, which is fused with the sum; the other side gets a pair, or the sum would leave in float.
 */
function placeBefore(graph: Graph, chosen: readonly Layer[]): Placement {
  const operators = new Set(chosen.map(({ operator }) => operator));
  const reads = new Map<NodeProto, ReadonlySet<string>>();
  const points = new Map<string, string>();
  for (const node of graph.nodes) {
    const value = operators.has(node) ? node.input[0] : residualOf(graph, node, operators);
    if (value === undefined) continue;
    reads.set(node, new Set([value]));
    points.set(value, value);
  }
  return { integer: new Set(), reads, points };
}

/** The side of a sum that is no output of a convolution that can be fused with it; of two convolutions the earlier one. */
export function residualOf(
  graph: Graph,
  node: NodeProto,
  fusing: ReadonlySet<NodeProto>,
): string | undefined {
  const [first = '', second = ''] = node.input;
  if (node.opType !== 'Add' || first === second || node.input.some((input) => graph.isConstant(input)))
    return;
  const fused = (value: string) => {
    const producer = graph.producer(value);
    const alone = graph.consumers(value).length === 1 && !graph.isOutput(value);
    return producer !== undefined && producer.opType === 'Conv' && fusing.has(producer) && alone;
  };
  const [one, other] = [fused(first), fused(second)];
  if (one && other) {
    const at = (value: string) => graph.nodes.indexOf(graph.producer(value) as NodeProto);
    return at(first) < at(second) ? first : second;
  }
  return one ? second : other ? first : undefined;
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
