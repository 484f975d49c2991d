import { makeNode } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { cloneGraph } from '../onnx/load.ts';
import { floatTensor, makeTensor } from '../onnx/tensor.ts';
import { dataTypes, type NodeProto } from '../onnx/types.ts';
import { findLayers } from './layers.ts';
import { activationInputs } from './operators.ts';
import type { IntegerLayer, QuantizationScheme, Range } from './scheme.ts';

/** `qdq-s8`: zero point 0 everywhere, what TensorRT reads. `qdq-u8`: what ONNX Runtime fuses on x86 and arm64. */
export type QdqForm = 'qdq-s8' | 'qdq-u8';

/**
 * Writes a scheme into a copy of the float graph as QuantizeLinear and DequantizeLinear pairs. The weights are the same
 * integers in both forms. A signed value has the same integers too, 128 higher in u8; a value without negatives
 * uses all 255 steps in u8 with zero point 0, which is also what lets the engine drop a Relu before it.
 */
export function writeQdq(graph: Graph, scheme: QuantizationScheme, form: QdqForm): Graph {
  const copy = cloneGraph(graph);
  const originals = new Map(copy.nodes.map((node, i) => [graph.nodes[i] as NodeProto, node]));
  const integer = new Set([...scheme.placement.integer].map((node) => originals.get(node) as NodeProto));
  const writer = new QdqWriter(copy, scheme, form, integer);
  writer.write();
  return copy;
}

class QdqWriter {
  readonly #graph: Graph;
  readonly #scheme: QuantizationScheme;
  readonly #form: QdqForm;
  readonly #integer: ReadonlySet<NodeProto>;
  readonly #layerOf: ReadonlyMap<NodeProto, IntegerLayer>;
  /** Value -> what integer nodes read instead. */
  readonly #dequantized = new Map<string, string>();
  /** Value -> what float nodes read instead: where an integer node produced it, only the rounded value exists. */
  readonly #rounded = new Map<string, string>();
  readonly #nodes: NodeProto[] = [];

  constructor(graph: Graph, scheme: QuantizationScheme, form: QdqForm, integer: ReadonlySet<NodeProto>) {
    this.#graph = graph;
    this.#scheme = scheme;
    this.#form = form;
    this.#integer = integer;
    const layers = new Map<NodeProto, IntegerLayer>();
    for (const layer of findLayers(graph)) {
      const found = scheme.layers.get(layer.id);
      if (found !== undefined) layers.set(layer.conv, found);
    }
    this.#layerOf = layers;
  }

  write(): void {
    const graph = this.#graph;
    const nodes = [...graph.nodes];
    const activations = new Map(nodes.map((node) => [node, new Set(activationInputs(graph, node))]));
    for (const input of graph.inputs()) this.#pair(input.name ?? '', false);
    for (const node of nodes) {
      const layer = this.#layerOf.get(node);
      const reads = this.#integer.has(node) ? activations.get(node) : undefined;
      node.input = node.input.map((value) =>
        reads?.has(value) ? (this.#dequantized.get(value) ?? value) : (this.#rounded.get(value) ?? value),
      );
      if (layer !== undefined && this.#integer.has(node)) this.#writeWeights(node, layer);
      this.#nodes.push(node);
      for (const [at, output] of node.output.entries()) {
        const replaced = this.#pair(output, this.#integer.has(node));
        if (replaced !== output) node.output[at] = replaced;
      }
    }
    graph.proto.node = this.#nodes;
    const read = new Set(this.#nodes.flatMap((node) => node.input));
    graph.proto.initializer = graph.proto.initializer.filter((tensor) => read.has(tensor.name ?? ''));
    graph.changed();
  }

  /** Adds the pair behind a value; returns the name that its producer has to write. */
  #pair(value: string, fromInteger: boolean): string {
    const range = this.#scheme.ranges.get(value);
    if (range === undefined) return value;
    // An output keeps its name: the rounded value takes it, and the producer writes another.
    const swap = fromInteger && this.#graph.isOutput(value);
    const source = swap ? `${value}_float` : value;
    const integers = `${value}_quantized`;
    const target = swap ? value : `${value}_dequantized`;
    const { scale, zeroPoint } = this.#parameters(value, range);
    this.#nodes.push(
      makeNode('QuantizeLinear', `${value}_QuantizeLinear`, [source, scale, zeroPoint], [integers]),
      makeNode('DequantizeLinear', `${value}_DequantizeLinear`, [integers, scale, zeroPoint], [target]),
    );
    this.#dequantized.set(value, target);
    if (fromInteger) this.#rounded.set(value, target);
    return source;
  }

  #parameters(value: string, range: Range): { readonly scale: string; readonly zeroPoint: string } {
    const signed = this.#form === 'qdq-s8';
    const steps = !signed && range.nonNegative ? 255 : 127;
    const scale = `${value}_scale`;
    const zeroPoint = `${value}_zero_point`;
    this.#graph.proto.initializer.push(
      floatTensor(scale, [], [Math.max(range.limit / steps, 1e-30)]),
      signed
        ? makeTensor(zeroPoint, dataTypes.int8, [], Int8Array.of(0))
        : makeTensor(zeroPoint, dataTypes.uint8, [], Uint8Array.of(range.nonNegative ? 0 : 128)),
    );
    return { scale, zeroPoint };
  }

  #writeWeights(conv: NodeProto, { weights, bias }: IntegerLayer): void {
    const stem = conv.output[0] ?? '';
    const names = ['weight', 'weight_scale', 'weight_zero_point', 'weight_dequantized'].map(
      (part) => `${stem}_${part}`,
    );
    const [integers = '', scale = '', zeroPoint = '', float = ''] = names;
    const channels = weights.scales.length;
    this.#graph.proto.initializer.push(
      makeTensor(integers, dataTypes.int8, weights.dims, weights.values),
      floatTensor(scale, [channels], weights.scales),
      makeTensor(zeroPoint, dataTypes.int8, [channels], new Int8Array(channels)),
    );
    this.#nodes.push(
      makeNode('DequantizeLinear', `${stem}_weight_DequantizeLinear`, [integers, scale, zeroPoint], [float], {
        axis: 0,
      }),
    );
    conv.input = [conv.input[0] ?? '', float];
    if (bias === undefined) return;
    const name = `${stem}_bias`;
    this.#graph.proto.initializer.push(floatTensor(name, [channels], bias));
    conv.input.push(name);
  }
}
