import type { Range } from '../calibrate/thresholds.ts';
import { makeNode } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { cloneGraph } from '../onnx/load.ts';
import { floatTensor, makeTensor } from '../onnx/tensor.ts';
import { dataTypes, type NodeProto } from '../onnx/types.ts';
import { findLayers } from './layers.ts';
import { type IntegerLayer, type QuantizationScheme, scaleOf } from './scheme.ts';
import type { IntegerWeights } from './weights.ts';

/**
 * Writes a scheme into a copy of the float graph as QuantizeLinear and DequantizeLinear pairs. `qdq-u8` has a zero point
 * per value, of 0 where nothing is negative, which is also what lets ONNX Runtime drop a Relu before it; `qdq-s8` has zero
 * points of 0 alone, or TensorRT refuses it.
 */
export function writeQdq(graph: Graph, scheme: QuantizationScheme): Graph {
  const copy = cloneGraph(graph);
  const originals = new Map(graph.nodes.map((node, i) => [node, copy.nodes[i] as NodeProto]));
  new QdqWriter(copy, scheme, originals).write();
  return copy;
}

class QdqWriter {
  readonly #graph: Graph;
  readonly #scheme: QuantizationScheme;
  readonly #integer: ReadonlySet<NodeProto>;
  readonly #reads: ReadonlyMap<NodeProto, ReadonlySet<string>>;
  readonly #layerOf: ReadonlyMap<NodeProto, IntegerLayer>;
  /** Value -> what nodes that read it as integers read instead. */
  readonly #dequantized = new Map<string, string>();
  /** Value -> what float nodes read instead: where an integer node produced it, only the rounded value exists. */
  readonly #rounded = new Map<string, string>();
  readonly #nodes: NodeProto[] = [];

  /** `copies`: nodes of the scheme's graph to those of `graph`. */
  constructor(graph: Graph, scheme: QuantizationScheme, copies: ReadonlyMap<NodeProto, NodeProto>) {
    this.#graph = graph;
    this.#scheme = scheme;
    const { integer, reads } = scheme.placement;
    const copyOf = (node: NodeProto) => copies.get(node) ?? node;
    this.#integer = new Set([...integer].map(copyOf));
    this.#reads = new Map([...reads].map(([node, values]) => [copyOf(node), values]));
    const layers = new Map<NodeProto, IntegerLayer>();
    for (const layer of findLayers(graph)) {
      const found = scheme.layers.get(layer.id);
      if (found !== undefined) layers.set(layer.operator, found);
    }
    this.#layerOf = layers;
  }

  write(): void {
    const graph = this.#graph;
    const nodes = [...graph.nodes];
    for (const input of graph.inputs()) this.#pair(input.name ?? '', false);
    for (const node of nodes) {
      const layer = this.#layerOf.get(node);
      const reads = this.#reads.get(node);
      node.input = node.input.map((value) =>
        reads?.has(value) ? (this.#dequantized.get(value) ?? value) : (this.#rounded.get(value) ?? value),
      );
      if (layer !== undefined) this.#writeWeights(node, layer);
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
    const { form } = this.#scheme;
    const step = scaleOf(range, form);
    const [scale, zeroPoint] = [`${value}_scale`, `${value}_zero_point`];
    this.#graph.proto.initializer.push(
      floatTensor(scale, [], [step]),
      form === 'qdq-s8'
        ? makeTensor(zeroPoint, dataTypes.int8, [], Int8Array.of(0))
        : makeTensor(zeroPoint, dataTypes.uint8, [], Uint8Array.of(Math.round(-range.low / step))),
    );
    return { scale, zeroPoint };
  }

  #writeWeights(operator: NodeProto, { weights, bias }: IntegerLayer): void {
    const stem = operator.output[0] ?? '';
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
        axis: weights.axis,
      }),
    );
    const [input = ''] = operator.input;
    operator.input = bias === undefined ? [input, float] : [input, float, `${stem}_bias`];
    if (bias === undefined) return;
    if (operator.opType === 'Gemm' && this.#scheme.form === 'qdq-u8')
      this.#writeIntegerBias(operator, weights, bias);
    else this.#graph.proto.initializer.push(floatTensor(`${stem}_bias`, [channels], bias));
  }

  /** ONNX Runtime rounds the bias of a convolution by itself, and wants that of a Gemm rounded. */
  #writeIntegerBias(operator: NodeProto, { scales }: IntegerWeights, bias: Float32Array): void {
    const [value = ''] = this.#reads.get(operator) ?? [];
    const step = scaleOf(this.#scheme.ranges.get(value)!, this.#scheme.form);
    const steps = scales.map((scale) => scale * step);
    const stem = operator.output[0] ?? '';
    const [integers, scale] = [`${stem}_bias_quantized`, `${stem}_bias_scale`];
    this.#graph.proto.initializer.push(
      makeTensor(
        integers,
        dataTypes.int32,
        [bias.length],
        Int32Array.from(bias, (value, c) => Math.round(value / steps[c]!)),
      ),
      floatTensor(scale, [steps.length], steps),
    );
    this.#nodes.push(
      makeNode('DequantizeLinear', `${stem}_bias_DequantizeLinear`, [integers, scale], [`${stem}_bias`], {
        axis: 0,
      }),
    );
  }
}
