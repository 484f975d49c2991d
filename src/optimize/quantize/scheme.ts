import type { ValueStatistics } from '../calibrate/collect.ts';
import { type CalibrationMethod, threshold } from '../calibrate/thresholds.ts';
import type { Graph } from '../onnx/graph.ts';
import { floatData } from '../onnx/tensor.ts';
import { findLayers, type Layer } from './layers.ts';
import { activationInputs, roleOf } from './operators.ts';
import { type Placement, place } from './placement.ts';
import {
  biasShift,
  type IntegerWeights,
  leastScales,
  quantizeWeights,
  type WeightOptions,
} from './weights.ts';

/** Range of one value: it is quantized on [-limit, limit], or on [0, limit] where it has no negative values. */
export interface Range {
  readonly limit: number;
  readonly nonNegative: boolean;
}

export interface IntegerLayer {
  readonly weights: IntegerWeights;
  /** Float, corrected for the rounding of the weights; undefined where the layer needs none. */
  readonly bias: Float32Array | undefined;
}

/** One set of integers and ranges; both runtime forms are written from it. */
export interface QuantizationScheme {
  readonly placement: Placement;
  readonly ranges: ReadonlyMap<string, Range>;
  readonly layers: ReadonlyMap<string, IntegerLayer>;
  readonly quantized: readonly string[];
  readonly float: readonly string[];
}

export interface SchemeOptions {
  readonly method: CalibrationMethod;
  readonly weights: WeightOptions;
  readonly biasCorrection: boolean;
  /** SiLU of less than -4 is nearly zero, so a pre-activation needs no range below it. */
  readonly siluClip: boolean;
}

export const defaultSchemeOptions: SchemeOptions = {
  method: 'min-max',
  weights: { limit: 127, searchClip: true },
  biasCorrection: true,
  siluClip: true,
};

const symmetricLevels = 127;
const unsignedLevels = 255;
const siluFloor = 4;

/** Everything about the float model that schemes for different sets of layers have in common; made once. */
export class SchemeBuilder {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  readonly #statistics: ReadonlyMap<string, ValueStatistics>;
  readonly #options: SchemeOptions;
  /** By layer and step of its input. */
  readonly #integers = new Map<string, IntegerLayer>();
  readonly #preSilu: ReadonlySet<string>;

  constructor(graph: Graph, statistics: ReadonlyMap<string, ValueStatistics>, options: SchemeOptions) {
    this.graph = graph;
    this.#statistics = statistics;
    this.#options = options;
    this.layers = findLayers(graph);
    this.#preSilu = new Set(
      this.layers.filter((layer) => layer.activation === 'silu').map((layer) => layer.conv.output[0] ?? ''),
    );
  }

  /** `quantized`: ids of the layers in INT8; all others stay in float. */
  build(quantized: ReadonlySet<string>): QuantizationScheme {
    const placement = place(this.graph, this.layers, quantized);
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
        const widest = Math.max(...parts.map((part) => shared.get(part)?.limit ?? 0));
        for (const part of parts) {
          const range = shared.get(part);
          const first = original.get(part)?.limit ?? 0;
          if (range === undefined || range.limit === widest || widest > first * 2) continue;
          shared.set(part, { ...range, limit: widest });
          changed = true;
        }
      }
    }
  }

  #range(value: string): Range {
    if (hasFixedRange(this.graph, value)) return { limit: 1, nonNegative: true };
    const found = this.#statistics.get(value);
    if (found === undefined) throw new RangeError(`${value} was not calibrated`);
    const { histogram } = found;
    const nonNegative = histogram.min >= 0;
    const { method, siluClip } = this.#options;
    let limit = threshold(histogram, method, nonNegative ? unsignedLevels : symmetricLevels);
    if (siluClip && this.#preSilu.has(value)) {
      limit = Math.min(limit, Math.max(histogram.max, Math.min(-histogram.min, siluFloor)));
    }
    return { limit: limit > 0 ? limit : 1, nonNegative };
  }

  #integerLayer(layer: Layer, ranges: ReadonlyMap<string, Range>): IntegerLayer {
    const [input = '', , bias = ''] = layer.conv.input;
    const step = smallestStep(ranges.get(input));
    const key = `${layer.id} ${step}`;
    const known = this.#integers.get(key);
    if (known !== undefined) return known;
    const tensor = this.graph.initializer(bias);
    const least = tensor && leastScales(floatData(tensor), step);
    const weights = quantizeWeights(this.graph, layer.conv, this.#options.weights, least);
    const made = { weights, bias: this.#bias(layer, weights) };
    this.#integers.set(key, made);
    return made;
  }

  #bias(layer: Layer, weights: IntegerWeights): Float32Array | undefined {
    const [input = '', weightName = '', biasName = ''] = layer.conv.input;
    const biasTensor = this.graph.initializer(biasName);
    const bias = biasTensor === undefined ? undefined : floatData(biasTensor);
    const weight = this.graph.initializer(weightName);
    const means = this.#statistics.get(input)?.channelMeans;
    if (!this.#options.biasCorrection || weight === undefined || means === undefined || means.length === 0) {
      return bias;
    }
    const shift = biasShift(layer.conv, floatData(weight), weights, means);
    return Float32Array.from(shift, (value, c) => value + (bias?.[c] ?? 0));
  }
}

/** Values that any scheme of this graph may quantize: what calibration has to measure. */
export function calibratedValues(graph: Graph): string[] {
  const layers = findLayers(graph);
  const { points } = place(graph, layers, new Set(layers.map((layer) => layer.id)));
  const values = new Set([...points.values()].filter((value) => !hasFixedRange(graph, value)));
  for (const node of graph.nodes) {
    if (roleOf(graph, node) !== 'conv') continue;
    for (const input of activationInputs(graph, node)) values.add(input);
  }
  return [...values];
}

/** Of the forms that a plan is written in; the weights are the same integers in all of them. */
function smallestStep(range: Range | undefined): number {
  if (range === undefined) return 1;
  return range.limit / (range.nonNegative ? unsignedLevels : symmetricLevels);
}

/** A sigmoid fills [0, 1] whatever the pictures are. */
function hasFixedRange(graph: Graph, value: string): boolean {
  return graph.producer(value)?.opType === 'Sigmoid';
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
