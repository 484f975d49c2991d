import { intAttribute } from '../../onnx/attributes.ts';
import type { Axes } from '../reshape.ts';
import type { Unit } from '../units.ts';
import { positiveAxis, type Rule, type Step } from './step.ts';

/** Every value by itself. */
const unary = [
  ...['Relu', 'LeakyRelu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Clip', 'Elu', 'Selu', 'Celu'],
  ...['Gelu', 'Softplus', 'Softsign', 'Mish', 'ThresholdedRelu', 'Abs', 'Exp', 'Log', 'Sqrt', 'Neg', 'Erf'],
  ...['Reciprocal', 'Floor', 'Ceil', 'Round', 'Sign', 'Not', 'Identity', 'Cast', 'Dropout'],
];
const elementwise = [
  ...['Add', 'Mul', 'Sub', 'Div', 'Pow', 'Mod', 'Max', 'Min', 'Sum', 'Mean', 'PRelu', 'Where'],
  ...['And', 'Or', 'Xor', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'],
];
/** One number for a run of values. */
const reductions = [
  ...['ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2'],
  ...['ReduceLogSum', 'ReduceLogSumExp', 'ReduceSumSquare'],
];

const pass: Rule = (step) => step.node.output.map(() => step.axes(0));

/**
 * Values meet along the axes of the result, counted from the last one. Constants have what is cut out of them; a side of 1
 * is spread; everything else has to lose the same.
 */
export function meet(step: Step, inputs: readonly number[], dims: readonly number[], skipped = 0): Axes {
  const result: (readonly Unit[] | undefined)[] = dims.map(() => undefined);
  for (let axis = 0; axis < dims.length - skipped; axis += 1) {
    const side = dims[axis] ?? 1;
    const sides = inputs.flatMap((input) => {
      const at = step.dims(input).length - dims.length + axis;
      if (step.isConstant(input) || at < 0) return [];
      const units = step.axes(input)[at];
      if (side === 1 || step.dims(input)[at] !== 1) return [units];
      step.keep(units, `it is spread over others by ${step.name}`);
      return [];
    });
    const known = sides.filter((units) => units !== undefined);
    const [first] = known;
    if (first === undefined) continue;
    for (const other of known.slice(1)) step.units.joinAll(first, other);
    if (known.length === sides.length) result[axis] = first;
    else step.keep(first, `it meets channels in ${step.name} that can't be followed`);
  }
  return result;
}

const spread: Rule = (step) => [
  meet(
    step,
    step.node.input.map((_, i) => i),
    step.outputDims(),
  ),
];

const reduce: Rule = (step) => {
  const rank = step.dims(0).length;
  const given = step.integers(1, 'axes');
  const all = (given?.length ?? 0) === 0;
  const along = all ? step.dims(0).map((_, i) => i) : (given ?? []).map((axis) => positiveAxis(axis, rank));
  const kept = step.keepAlong(step.axes(0), along);
  return [
    intAttribute(step.node, 'keepdims', 1) === 0 ? kept.filter((_, axis) => !along.includes(axis)) : kept,
  ];
};

/** Normalised along some axes: what goes from there changes all that stays. */
const along =
  (axes: (step: Step, rank: number) => readonly number[]): Rule =>
  (step) => {
    const kept = step.keepAlong(step.axes(0), axes(step, step.dims(0).length));
    return step.node.output.map(() => kept);
  };
const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
const axisOf = (step: Step, otherwise: number, rank: number) =>
  positiveAxis(intAttribute(step.node, 'axis', otherwise), rank);

export const valueRules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(unary.map((type) => [type, pass])),
  ...Object.fromEntries(elementwise.map((type) => [type, spread])),
  ...Object.fromEntries(reductions.map((type) => [type, reduce])),
  Softmax: along((step, rank) => [axisOf(step, -1, rank)]),
  LogSoftmax: along((step, rank) => [axisOf(step, -1, rank)]),
  LayerNormalization: along((step, rank) => range(axisOf(step, -1, rank), rank)),
  InstanceNormalization: along((_, rank) => range(2, rank)),
  BatchNormalization: along(() => []),
  // Windows over all axes behind the channels.
  ...Object.fromEntries(
    ['MaxPool', 'AveragePool', 'LpPool', 'GlobalAveragePool', 'GlobalMaxPool'].map((type) => [
      type,
      along((_, rank) => range(2, rank)),
    ]),
  ),
};
