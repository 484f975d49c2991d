import { intAttribute, intsAttribute, stringAttribute } from '../../onnx/attributes.ts';
import { integerData } from '../../onnx/tensor.ts';
import { reshapedAxes } from '../reshape.ts';
import type { Unit } from '../units.ts';
import { positiveAxis, type Rule, type Step } from './step.ts';

const reshape: Rule = (step) => {
  const target = step.node.input[1] ?? '';
  const computed = step.node.opType === 'Reshape' && !step.graph.isConstant(target);
  if (computed) return undefined;
  const reason = `${step.name} mixes it with other axes`;
  return [reshapedAxes(step.axes(0), step.dims(0), step.outputDims(), step.units, reason)];
};

const transpose: Rule = (step) => {
  const axes = step.axes(0);
  const perm = intsAttribute(step.node, 'perm') ?? axes.map((_, i) => axes.length - 1 - i);
  return [perm.map((axis) => axes[axis])];
};

/** Axes that keep their length keep their units. */
const sameLength: Rule = (step) => {
  const [from, to] = [step.dims(0), step.outputDims()];
  const lost = from.length - to.length;
  const axes = step.axes(0);
  axes.forEach((units, axis) => {
    if (from[axis] !== to[axis - lost]) step.keep(units, `${step.name} makes copies of it`);
  });
  return [to.map((side, axis) => (from[axis + lost] === side && side > 1 ? axes[axis + lost] : undefined))];
};

const concat: Rule = (step) => {
  const dims = step.outputDims();
  const along = positiveAxis(intAttribute(step.node, 'axis', 1), dims.length);
  const inputs = step.node.input.map((_, i) => i);
  const known = inputs.map((input) => step.axes(input)[along]);
  const [, ...others] = inputs;
  const result = [...dims.keys()].map((axis): readonly Unit[] | undefined => {
    if (axis !== along) return together(step, axis);
    if (known.every((units) => units === undefined)) return undefined;
    return inputs.flatMap((input) => {
      const units = known[input];
      if (units !== undefined) return units;
      const fixed = step.units.make(step.dims(input)[along] ?? 0);
      step.keep(fixed, `channels can't be followed through what ${step.name} reads`);
      return fixed;
    });
  });
  return others.length === 0 ? [step.axes(0)] : [result];
};

/** An axis that several inputs share: they lose the same. */
function together(step: Step, axis: number): readonly Unit[] | undefined {
  const computed = step.node.input.flatMap((_, i) => (step.isConstant(i) ? [] : [step.axes(i)[axis]]));
  const known = computed.filter((units) => units !== undefined);
  const [first] = known;
  if (first === undefined) return undefined;
  for (const other of known.slice(1)) step.units.joinAll(first, other);
  if (known.length === computed.length) return first;
  return step.keep(first, `it meets channels in ${step.name} that can't be followed`);
}

const split: Rule = (step) => {
  const axes = step.axes(0);
  const along = positiveAxis(intAttribute(step.node, 'axis', 0), axes.length);
  let at = 0;
  return step.node.output.map((_, i) => {
    const from = at;
    at += step.outputDims(i)[along] ?? 0;
    return axes.map((units, axis) => (axis === along ? units?.slice(from, at) : units));
  });
};

const slice: Rule = (step) => {
  const axes = step.axes(0);
  const ranges = sliceRanges(step);
  if (ranges === undefined) return undefined;
  return [
    axes.map((units, axis) => {
      const range = ranges.get(axis);
      if (range === undefined || units === undefined) return units;
      if (range.step !== 1) return step.keep(units, `${step.name} takes every ${range.step}th of it`);
      return units.slice(range.from, range.to);
    }),
  ];
};

interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  /** Place in the lists of starts and ends. */
  readonly position: number;
}

/** What a Slice takes along each axis that it cuts; undefined where only a run would tell. */
export function sliceRanges(step: Step): Map<number, Range> | undefined {
  const dims = step.dims(0);
  const [starts, ends] = [step.integers(1, 'starts'), step.integers(2, 'ends')];
  const [axes, steps] = [step.integers(3, 'axes'), step.integers(4, 'steps')];
  if (starts === undefined || ends === undefined) return undefined;
  return new Map(
    starts.map((start, position) => {
      const axis = positiveAxis(axes?.[position] ?? position, dims.length);
      const side = dims[axis] ?? 0;
      const clamp = (value: number) => Math.max(0, Math.min(side, value < 0 ? value + side : value));
      const range = { from: clamp(start), to: clamp(ends[position] ?? side), position };
      return [axis, { ...range, step: steps?.[position] ?? 1 }];
    }),
  );
}

/** Channels that are padded stand beside the others, and stay: a Pad gives as many, whatever is left between them. */
const pad: Rule = (step) => {
  const axes = step.axes(0);
  const pads = step.integers(1, 'pads');
  const listed = step.node.input[3] ? step.integers(3, 'axes') : axes.map((_, i) => i);
  if (pads === undefined || listed === undefined) return undefined;
  const constant = stringAttribute(step.node, 'mode', 'constant') === 'constant';
  return [
    axes.map((units, axis) => {
      const at = listed.map((item) => positiveAxis(item, axes.length)).indexOf(axis);
      const [before, after] = at < 0 ? [0, 0] : [pads[at] ?? 0, pads[at + listed.length] ?? 0];
      if (units === undefined || (before === 0 && after === 0)) return units;
      // Other modes copy channels into the padding.
      if (!constant || before < 0 || after < 0) return step.keep(units, `${step.name} copies or cuts it`);
      const [front, back] = [step.units.make(before), step.units.make(after)];
      step.keep([...front, ...back], `it is padded by ${step.name}`);
      return [...front, ...units, ...back];
    }),
  ];
};

const gather: Rule = (step) => {
  const axes = step.axes(0);
  const along = positiveAxis(intAttribute(step.node, 'axis', 0), axes.length);
  const indices = step.graph.initializer(step.node.input[1] ?? '');
  if (indices === undefined || indices.dims.length > 1) return undefined;
  const taken = integerData(indices).map((index) => positiveAxis(index, step.dims(0)[along] ?? 0));
  if (indices.dims.length === 1)
    return [axes.map((units, axis) => (axis === along ? units && taken.map((c) => units[c] ?? 0) : units))];
  step.keep(axes[along], `${step.name} takes one of it`);
  return [axes.filter((_, axis) => axis !== along)];
};

/** Pictures sampled anywhere: channels are those of the picture. */
const gridSample: Rule = (step) => {
  const [, channels] = step.axes(0);
  step.axes(0).forEach((units, axis) => {
    if (axis !== 1) step.keep(units, `${step.name} computes along it`);
  });
  for (const units of step.axes(1)) step.keep(units, `${step.name} computes along it`);
  return [step.outputDims().map((_, axis) => (axis === 1 ? channels : undefined))];
};

export const layoutRules: Readonly<Record<string, Rule>> = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  Expand: sameLength,
  Tile: sameLength,
  Resize: sameLength,
  Upsample: sameLength,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Gather: gather,
  GridSample: gridSample,
};
