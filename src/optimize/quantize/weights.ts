import { floatsFromHalf, halfBits } from '../../base/index.ts';
import { intAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { dimsOf, floatData, sizeOf } from '../onnx/tensor.ts';
import type { NodeProto } from '../onnx/types.ts';

/** Weights of one operator as integers: w ~ values * scales[output channel], symmetric, -limit..limit. */
export interface IntegerWeights {
  readonly values: Int8Array;
  readonly scales: Float32Array;
  readonly dims: readonly number[];
  /** Dimension of the output channels. */
  readonly axis: number;
}

export interface WeightOptions {
  /** Largest integer: 127, or 63 for x86 without VNNI, whose 16-bit sums of u8 x s8 overflow beyond. */
  readonly limit: number;
  /** Tries narrower scales per channel and keeps the one with the least squared error. */
  readonly searchClip: boolean;
  /** Scales that float16 can express, for files whose scales are halves. */
  readonly halfScales?: boolean;
}

export const defaultWeightOptions: WeightOptions = { limit: 127, searchClip: true };

/** Largest bias in steps: half of an int32, so that the sum of products that is added to it has the other half. */
const mostBiasSteps = 2 ** 30;

/**
 * Smallest scale per output channel at which an engine's int32 bias does not overflow: its step is that of the weights
 * times that of the input. Matters where weights are nearly zero beside their bias.
 */
export function leastScales(bias: Float32Array, inputStep: number): Float32Array {
  return bias.map((value) => Math.abs(value) / (inputStep * mostBiasSteps));
}

/** `least`: smallest scale of each output channel. */
export function quantizeWeights(
  graph: Graph,
  node: NodeProto,
  axis: number,
  options: WeightOptions = defaultWeightOptions,
  least?: Float32Array,
): IntegerWeights {
  const weight = graph.initializer(node.input[1] ?? '');
  if (weight === undefined) throw new RangeError(`${node.name} has no constant weights`);
  const dims = dimsOf(weight);
  const data = floatData(weight);
  const channels = dims[axis] ?? 1;
  const inner = sizeOf(dims.slice(axis + 1));
  const row = new Float32Array(data.length / channels);
  const values = new Int8Array(data.length);
  const scales = new Float32Array(channels);
  for (let c = 0; c < channels; c += 1) {
    const at = (i: number) => (Math.floor(i / inner) * channels + c) * inner + (i % inner);
    for (let i = 0; i < row.length; i += 1) row[i] = data[at(i)]!;
    const wanted = Math.max(channelScale(row, options), least?.[c] ?? 0);
    const scale = options.halfScales === true ? halfScale(wanted) : Math.fround(wanted);
    scales[c] = scale;
    for (let i = 0; i < row.length; i += 1) values[at(i)] = quantizeOne(row[i]!, scale, options.limit);
  }
  return { values, scales, dims, axis };
}

/** The nearest float16 that is no zero: engines refuse a scale of 0. */
export function halfScale(scale: number): number {
  return floatsFromHalf(Uint16Array.of(Math.max(1, halfBits(scale))))[0]!;
}

/**
 * What rounding the weights shifts each output channel by on average, sum over inputs of (W - Wq) * mean(x): added to
 * the float bias it takes the bias error away at no cost (Nagel et al., "Data-Free Quantization Through Weight
 * Equalization and Bias Correction", ICCV 2019, section 4.2). Padding is neglected.
 */
export function biasShift(
  conv: NodeProto,
  float: Float32Array,
  integer: IntegerWeights,
  inputMeans: Float64Array,
): Float32Array {
  const [channels = 1, perGroup = 1] = integer.dims;
  const size = float.length / channels;
  const kernel = size / perGroup;
  const groups = intAttribute(conv, 'group', 1);
  const shift = new Float32Array(channels);
  for (let c = 0; c < channels; c += 1) {
    const firstInput = Math.floor(c / (channels / groups)) * perGroup;
    let sum = 0;
    for (let i = 0; i < size; i += 1) {
      const at = c * size + i;
      const error = float[at]! - integer.values[at]! * integer.scales[c]!;
      sum += error * (inputMeans[firstInput + Math.floor(i / kernel)] ?? 0);
    }
    shift[c] = sum;
  }
  return shift;
}

function channelScale(row: Float32Array, { limit, searchClip }: WeightOptions): number {
  let largest = 0;
  for (const value of row) largest = Math.max(largest, Math.abs(value));
  // A channel of zeros: any scale does; a tiny one would make the engine's product of scales denormal.
  if (!(largest > 1e-12)) return 1e-6;
  const full = largest / limit;
  if (!searchClip || row.length < 16) return full;
  let best = full;
  let least = squaredError(row, full, limit);
  for (let share = 0.98; share >= 0.7; share -= 0.02) {
    const error = squaredError(row, full * share, limit);
    if (error < least) {
      least = error;
      best = full * share;
    }
  }
  return best;
}

function squaredError(row: Float32Array, scale: number, limit: number): number {
  let error = 0;
  for (const value of row) {
    const difference = value - quantizeOne(value, scale, limit) * scale;
    error += difference * difference;
  }
  return error;
}

/** QuantizeLinear rounds halves to even; weights are constants, so any rounding is as good, and this one is symmetric. */
function quantizeOne(value: number, scale: number, limit: number): number {
  const rounded = Math.round(Math.abs(value) / scale);
  return Math.sign(value) * Math.min(limit, rounded);
}
