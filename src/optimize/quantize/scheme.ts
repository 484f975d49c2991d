import type { ValueStatistics } from '../calibrate/collect.ts';
import { type CalibrationMethod, type Grid, type Range, rangeOf, stepOf } from '../calibrate/thresholds.ts';
import type { Graph } from '../onnx/graph.ts';
import { floatData } from '../onnx/tensor.ts';
import { findLayers, type Layer } from './layers.ts';
import { roleOf } from './operators.ts';
import { type Placement, place, type QdqForm } from './placement.ts';
import {
  biasShift,
  halfScale,
  type IntegerWeights,
  leastScales,
  quantizeWeights,
  type WeightOptions,
} from './weights.ts';

export interface IntegerLayer {
  readonly weights: IntegerWeights;
  /** Float, corrected for the rounding of the weights; undefined where the layer needs none. */
  readonly bias: Float32Array | undefined;
}

/** One set of integers and ranges, for one form. */
export interface QuantizationScheme {
  readonly form: QdqForm;
  readonly placement: Placement;
  readonly ranges: ReadonlyMap<string, Range>;
  readonly layers: ReadonlyMap<string, IntegerLayer>;
  readonly quantized: readonly string[];
  readonly float: readonly string[];
}

export interface SchemeOptions {
  readonly form: QdqForm;
  readonly method: CalibrationMethod;
  readonly weights: WeightOptions;
  readonly biasCorrection: boolean;
}

export function schemeOptions(
  form: QdqForm,
  method: CalibrationMethod = 'min-max',
  limit = 127,
): SchemeOptions {
  // The scales of the file for TensorRT are halves, as everything in it that is no integer.
  const weights = { limit, searchClip: true, halfScales: form === 'qdq-s8' };
  return { form, method, weights, biasCorrection: true };
}

const grids: Readonly<Record<QdqForm, Grid>> = { 'qdq-s8': 'signed', 'qdq-u8': 'unsigned' };

/** Step between two integers of a value in the file. */
export function scaleOf(range: Range, form: QdqForm): number {
  const step = stepOf(range, grids[form]);
  return form === 'qdq-s8' ? halfScale(step) : Math.max(Math.fround(step), 1e-30);
}

/** Everything about the float model that schemes for different sets of layers have in common; made once. */
export class SchemeBuilder {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  readonly #statistics: ReadonlyMap<string, ValueStatistics>;
  readonly #options: SchemeOptions;
  /** By layer and step of its input. */
  readonly #integers = new Map<string, IntegerLayer>();

  constructor(graph: Graph, statistics: ReadonlyMap<string, ValueStatistics>, options: SchemeOptions) {
    this.graph = graph;
    this.#statistics = statistics;
    this.#options = options;
    this.layers = layersOf(graph, options.form);
  }

  /** `quantized`: ids of the layers in INT8; all others stay in float. */
  build(quantized: ReadonlySet<string>): QuantizationScheme {
    const { form } = this.#options;
    const placement = place(this.graph, this.layers, quantized, form);
    const shared = new Map<string, Range>();
    for (const value of new Set(placement.points.values())) shared.set(value, this.#range(value));
    this.#widenJoined(placement, shared);
    const ranges = new Map<string, Range>();
    for (const [value, representative] of placement.points) {
      const range = shared.get(representative);
      if (range !== undefined) ranges.set(value, range);
    }
    const chosen = this.layers.filter((layer) => quantized.has(layer.id));
    return {
      form,
      placement,
      ranges,
      layers: new Map(chosen.map((layer) => [layer.id, this.#integerLayer(layer, ranges)])),
      quantized: chosen.map((layer) => layer.id),
      float: this.layers.filter((layer) => !quantized.has(layer.id)).map((layer) => layer.id),
    };
  }

  /**
   * A Concat whose inputs have the scale of its output copies bytes; else it computes every value anew. An input gives
   * up at most one bit for that. Ranges only grow, and none beyond twice of what it was, so this ends.
   */
  #widenJoined({ integer, points }: Placement, shared: Map<string, Range>): void {
    const original = new Map(shared);
    for (let changed = true; changed; ) {
      changed = false;
      for (const node of integer) {
        if (roleOf(this.graph, node) !== 'join') continue;
        const parts = [...node.input, ...node.output].map((value) => points.get(value) ?? '');
        const ranges = parts.flatMap((part) => shared.get(part) ?? []);
        const low = Math.min(...ranges.map((range) => range.low));
        const high = Math.max(...ranges.map((range) => range.high));
        for (const part of parts) {
          const range = shared.get(part);
          const first = original.get(part);
          if (range === undefined || first === undefined) continue;
          if (range.low === low && range.high === high) continue;
          // A zero point of 0 is what lets the engine drop a Relu.
          if (range.low === 0 && low < 0) continue;
          if (high - low > (first.high - first.low) * mostJoined) continue;
          shared.set(part, { low, high });
          changed = true;
        }
      }
    }
  }

  #range(value: string): Range {
    if (hasFixedRange(this.graph, value)) return { low: 0, high: 1 };
    const found = this.#statistics.get(value);
    if (found === undefined) throw new RangeError(`${value} was not calibrated`);
    const range = rangeOf(found.histogram, this.#options.method, grids[this.#options.form]);
    return range.low === range.high ? { low: 0, high: 1 } : range;
  }

  #integerLayer(layer: Layer, ranges: ReadonlyMap<string, Range>): IntegerLayer {
    const [input = '', , bias = ''] = layer.operator.input;
    const { form, weights: options } = this.#options;
    const range = ranges.get(input);
    const step = range === undefined ? 1 : scaleOf(range, form);
    const key = `${layer.id} ${step}`;
    const known = this.#integers.get(key);
    if (known !== undefined) return known;
    const tensor = this.graph.initializer(bias);
    const least = tensor && leastScales(floatData(tensor), step);
    const weights = quantizeWeights(this.graph, layer.operator, layer.axis, options, least);
    const made = { weights, bias: this.#bias(layer, weights) };
    this.#integers.set(key, made);
    return made;
  }

  #bias({ operator }: Layer, weights: IntegerWeights): Float32Array | undefined {
    const [input = '', weightName = '', biasName = ''] = operator.input;
    const biasTensor = this.graph.initializer(biasName);
    const bias = biasTensor === undefined ? undefined : floatData(biasTensor);
    const weight = this.graph.initializer(weightName);
    const means = this.#statistics.get(input)?.channelMeans;
    if (!this.#options.biasCorrection || weight === undefined || means === undefined || means.length === 0) {
      return bias;
    }
    if (operator.opType !== 'Conv') return bias;
    const shift = biasShift(operator, floatData(weight), weights, means);
    return Float32Array.from(shift, (value, c) => value + (bias?.[c] ?? 0));
  }
}

/** How much wider the range of a value may become to share the scale of a Concat: 2 is one bit. */
const mostJoined = 2;

/** ONNX Runtime has no integer kernel for ConvTranspose: in float it is faster and exact. */
function layersOf(graph: Graph, form: QdqForm): Layer[] {
  return findLayers(graph).filter(({ operator }) => form === 'qdq-s8' || operator.opType !== 'ConvTranspose');
}

/** Values that any scheme of these forms may quantize: what calibration has to measure. */
export function calibratedValues(graph: Graph, forms: readonly QdqForm[]): string[] {
  const values = new Set<string>();
  for (const form of forms) {
    const layers = layersOf(graph, form);
    const { points } = place(graph, layers, new Set(layers.map(({ id }) => id)), form);
    for (const value of points.values()) if (!hasFixedRange(graph, value)) values.add(value);
    // Their means correct the bias.
    for (const { operator } of layers) values.add(operator.input[0] ?? '');
  }
  return [...values];
}

/** Sigmoid and Softmax fill [0, 1] whatever the pictures are. */
function hasFixedRange(graph: Graph, value: string): boolean {
  return ['Sigmoid', 'Softmax'].includes(graph.producer(value)?.opType ?? '');
}

/** Operators that stay in float because nothing here knows them, with how often they occur. */
export function floatOperators(graph: Graph): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of graph.nodes) {
    if (roleOf(graph, node) !== 'float') continue;
    const name = node.opType ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
