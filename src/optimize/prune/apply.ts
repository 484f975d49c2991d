import { intAttribute, removeAttribute, setAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { cloneGraph } from '../onnx/load.ts';
import { dimsOf, int64Tensor, integerData, makeTensor, tensorData } from '../onnx/tensor.ts';
import type { NodeProto } from '../onnx/types.ts';
import type { ChannelMap } from './channels.ts';
import { sliceRanges } from './follow/layout.ts';
import { positiveAxis } from './follow/step.ts';
import { strides, weightedLayer } from './layers.ts';
import type { Unit } from './units.ts';

/** A copy of the graph without the units in `gone`. `map` belongs to `graph`. */
export function removeUnits(graph: Graph, map: ChannelMap, gone: ReadonlySet<Unit>): Graph {
  const copy = cloneGraph(graph);
  const surgery = new Surgery(copy, map, gone);
  for (const node of copy.nodes) surgery.operate(node);
  copy.proto.valueInfo = [];
  const read = new Set(copy.nodes.flatMap((node) => node.input));
  copy.proto.initializer = copy.proto.initializer.filter((tensor) => read.has(tensor.name ?? ''));
  copy.changed();
  return copy;
}

/** Places along an axis that stay; undefined where all do. */
type Kept = readonly number[] | undefined;

class Surgery {
  readonly #graph: Graph;
  readonly #map: ChannelMap;
  readonly #gone: ReadonlySet<Unit>;

  constructor(graph: Graph, map: ChannelMap, gone: ReadonlySet<Unit>) {
    this.#graph = graph;
    this.#map = map;
    this.#gone = gone;
  }

  operate(node: NodeProto): void {
    const [input = ''] = node.input;
    const [output = ''] = node.output;
    if (weightedLayer(this.#graph, node) !== undefined) this.#weights(node, input, output);
    else if (node.opType === 'BatchNormalization' || node.opType === 'InstanceNormalization')
      for (let i = 1; i < node.input.length; i += 1) this.#take(node, i, 0, this.#kept(output, 1));
    else if (node.opType === 'Split') this.#split(node);
    else if (node.opType === 'Slice') this.#slice(node);
    else if (node.opType === 'Gather') this.#gather(node, input, output);
    else if (node.opType === 'Reshape' || node.opType === 'Expand') this.#target(node, 1, output);
    else if (node.opType === 'Resize') this.#target(node, 3, output);
    else this.#constants(node, output);
  }

  #rank(value: string): number {
    return this.#map.shapes.get(value)?.length ?? 0;
  }

  #kept(value: string, axis: number): Kept {
    const units = this.#map.of(value, axis);
    if (units === undefined || !units.some((unit) => this.#gone.has(unit))) return undefined;
    return units.flatMap((unit, c) => (this.#gone.has(unit) ? [] : [c]));
  }

  #weights(node: NodeProto, input: string, output: string): void {
    const layer = weightedLayer(this.#graph, node);
    if (layer === undefined) return;
    const { channelAxis, inputAxis, outputAxis, groups } = layer;
    const perGroup = dimsOf(layer.weight)[inputAxis] ?? 1;
    const [read, written] = [this.#kept(input, channelAxis), this.#kept(output, channelAxis)];
    this.#take(node, 1, outputAxis, written);
    const bias = this.#graph.constantDims(node.input[2] ?? '');
    // A Gemm may spread one bias over all channels.
    if (bias !== undefined && bias.at(-1) !== 1) this.#take(node, 2, bias.length - 1, written);
    if (read === undefined) return;
    if (groups > 1 && perGroup === 1) setAttribute(node, 'group', read.length);
    else
      this.#take(
        node,
        1,
        inputAxis,
        read.filter((channel) => channel < perGroup),
      );
  }

  #split(node: NodeProto): void {
    const [input = ''] = node.input;
    const axis = positiveAxis(intAttribute(node, 'axis', 0), this.#rank(input));
    if (this.#kept(input, axis) === undefined) return;
    const counts = node.output.map((output) => this.#sides(output)[axis] ?? 0);
    removeAttribute(node, 'split');
    removeAttribute(node, 'num_outputs');
    node.input = [input, this.#constant(node, 'split', counts)];
  }

  #slice(node: NodeProto): void {
    const [input = ''] = node.input;
    const step = this.#map.step(node);
    const [starts, ends] = [step.integers(1, 'starts'), step.integers(2, 'ends')];
    if (starts === undefined || ends === undefined) return;
    let changed = false;
    for (const [axis, range] of sliceRanges(step) ?? []) {
      const kept = this.#kept(input, axis);
      if (kept === undefined) continue;
      changed = true;
      starts[range.position] = kept.filter((place) => place < range.from).length;
      ends[range.position] = kept.filter((place) => place < range.to).length;
    }
    if (!changed) return;
    node.input[1] = this.#constant(node, 'starts', starts);
    node.input[2] = this.#constant(node, 'ends', ends);
  }

  #gather(node: NodeProto, input: string, output: string): void {
    const rank = this.#rank(input);
    const axis = positiveAxis(intAttribute(node, 'axis', 0), rank);
    const kept = this.#kept(input, axis);
    const indices = this.#graph.initializer(node.input[1] ?? '');
    if (kept === undefined || indices === undefined) return;
    const side = this.#map.shapes.get(input)?.[axis] ?? 0;
    const places = new Map(kept.map((place, now) => [place, now]));
    const left = integerData(indices).flatMap((index) => places.get(positiveAxis(index, side)) ?? []);
    node.input[1] = this.#constant(node, `${output}_indices`, left);
  }

  /** A shape that the node is given: sides that shrink are written anew, 0 and -1 follow. */
  #target(node: NodeProto, at: number, output: string): void {
    const tensor = this.#graph.initializer(node.input[at] ?? '');
    if (tensor === undefined) return;
    const [before, after] = [this.#map.shapes.get(output) ?? [], this.#sides(output)];
    const target = integerData(tensor);
    if (target.length !== after.length || after.every((side, axis) => side === before[axis])) return;
    const sides = target.map((side, axis) =>
      side > 0 && side === before[axis] ? (after[axis] ?? side) : side,
    );
    node.input[at] = this.#constant(node, 'sides', sides);
  }

  /** Shape of a value in the pruned graph. */
  #sides(value: string): number[] {
    return (this.#map.shapes.get(value) ?? []).map((side, axis) => this.#kept(value, axis)?.length ?? side);
  }

  /** Constants that an operator spreads over the result, or puts beside it. */
  #constants(node: NodeProto, output: string): void {
    const rank = this.#rank(output);
    const whole = this.#map.shapes.get(output) ?? [];
    const along = node.opType === 'Concat' ? positiveAxis(intAttribute(node, 'axis', 1), rank) : -1;
    node.input.forEach((input, i) => {
      const dims = this.#graph.constantDims(input) ?? [];
      dims.forEach((side, at) => {
        const axis = rank - dims.length + at;
        if (axis !== along && side > 1 && side === whole[axis])
          this.#take(node, i, at, this.#kept(output, axis));
      });
    });
  }

  #constant(node: NodeProto, what: string, values: readonly number[]): string {
    const name = this.#graph.fresh(`${node.output[0]}_${what}`);
    this.#graph.setInitializer(int64Tensor(name, [values.length], values));
    return name;
  }

  /** Replaces constant input `at` by the rows of `axis` that stay. A new name: others may read the old one. */
  #take(node: NodeProto, at: number, axis: number, rows: Kept): void {
    const tensor = this.#graph.initializer(node.input[at] ?? '');
    if (tensor === undefined || rows === undefined) return;
    const dims = dimsOf(tensor);
    const data = tensorData(tensor);
    const { outer, size, inner } = strides(dims, axis);
    const taken = data.slice(0, outer * rows.length * inner);
    for (let o = 0; o < outer; o += 1) {
      rows.forEach((row, r) => {
        const from = (o * size + row) * inner;
        // Both sides are the same kind of array; the compiler can't see it through the union.
        (taken as Float32Array).set(
          (data as Float32Array).subarray(from, from + inner),
          (o * rows.length + r) * inner,
        );
      });
    }
    const name = this.#graph.fresh(`${tensor.name}_pruned`);
    this.#graph.setInitializer(makeTensor(name, tensor.dataType ?? 0, dims.with(axis, rows.length), taken));
    node.input[at] = name;
  }
}
