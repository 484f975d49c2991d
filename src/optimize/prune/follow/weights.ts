import { dimsOf } from '../../onnx/tensor.ts';
import { type WeightedLayer, weightedLayer } from '../layers.ts';
import type { Axes } from '../reshape.ts';
import type { Unit } from '../units.ts';
import { positiveAxis, type Rule, type Step } from './step.ts';
import { meet } from './values.ts';

/** Constant weights: channels of the input end here, those of the output begin. Everything else passes, but for windows. */
function weighted(step: Step, layer: WeightedLayer): readonly Axes[] | undefined {
  const rank = step.dims(0).length;
  const axis = positiveAxis(layer.channelAxis, rank);
  const input = step.axes(0);
  const windows = layer.channelAxis === 1 ? input.map((_, i) => i).slice(2) : [];
  const rest = step.keepAlong(input, windows);
  const made = layer.groups === 1 ? newChannels(step, layer) : grouped(step, layer, input[axis]);
  return [rest.map((units, i) => (i === axis ? made : units))];
}

function newChannels(step: Step, { weight, outputAxis }: WeightedLayer): Unit[] | undefined {
  const count = dimsOf(weight)[outputAxis] ?? 0;
  // A single channel can't go, and is one that others are spread over.
  return count > 1 ? step.units.make(count) : undefined;
}

function grouped(
  step: Step,
  { weight, groups }: WeightedLayer,
  input: readonly Unit[] | undefined,
): readonly Unit[] | undefined {
  const [outputs = 0, perGroup = 0] = dimsOf(weight);
  const outputsPerGroup = outputs / groups;
  if (perGroup === 1)
    return input && Array.from({ length: outputs }, (_, c) => input[Math.floor(c / outputsPerGroup)] ?? 0);
  // Every group must lose the same channels, or the groups would differ in size.
  input?.forEach((unit, c) => {
    step.units.join(input[c % perGroup] ?? unit, unit);
  });
  const made = step.units.make(outputsPerGroup);
  return Array.from({ length: outputs }, (_, c) => made[c % outputsPerGroup] ?? 0);
}

/** Two values that are computed (attention): what is summed over goes from both. */
function product(step: Step): readonly Axes[] | undefined {
  const [left, right] = [step.dims(0).length, step.dims(1).length];
  if (left < 2 || right < 2) return undefined;
  const rows = step.isConstant(0) ? undefined : step.axes(0)[left - 2];
  const columns = step.isConstant(1) ? undefined : step.axes(1)[right - 1];
  const summed = [step.axes(0)[left - 1], step.axes(1)[right - 2]] as const;
  if (summed[0] !== undefined && summed[1] !== undefined) step.units.joinAll(summed[0], summed[1]);
  else
    for (const units of summed) step.keep(units, `it meets channels in ${step.name} that can't be followed`);
  const dims = step.outputDims();
  return [[...meet(step, [0, 1], dims, 2).slice(0, dims.length - 2), rows, columns]];
}

const layerOrProduct: Rule = (step) => {
  const layer = weightedLayer(step.graph, step.node);
  if (layer !== undefined) return weighted(step, layer);
  return step.node.opType === 'MatMul' ? product(step) : undefined;
};

export const weightRules: Readonly<Record<string, Rule>> = {
  Conv: layerOrProduct,
  ConvTranspose: layerOrProduct,
  Gemm: layerOrProduct,
  MatMul: layerOrProduct,
};
