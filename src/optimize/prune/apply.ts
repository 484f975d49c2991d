import { intAttribute, removeAttribute, setAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { cloneGraph } from '../onnx/load.ts';
import { dimsOf, int64Tensor, integerData, makeTensor, tensorData } from '../onnx/tensor.ts';
import type { NodeProto } from '../onnx/types.ts';
import {
  type ChannelMap,
  channelSlice,
  constantChannels,
  normalAxis,
  splitSizes,
  type Unit,
} from './channels.ts';

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
    const input = this.#kept(node.input[0] ?? '');
    const output = this.#kept(node.output[0] ?? '');
    if (node.opType === 'Conv') this.#conv(node, input, output);
    else if (node.opType === 'BatchNormalization') {
      for (let i = 1; i < node.input.length; i += 1) this.#take(node, i, 0, output);
    } else if (node.opType === 'Split') this.#split(node);
    else if (node.opType === 'Slice') this.#slice(node);
    else if (node.opType === 'Resize') this.#resize(node, output);
    else if (output !== undefined) this.#constants(node, output);
  }

  /** Indices of the channels that stay; undefined where all do. */
  #kept(value: string): number[] | undefined {
    const units = this.#map.of(value);
    if (units === undefined || !units.some((unit) => this.#gone.has(unit))) return undefined;
    return units.flatMap((unit, c) => (this.#gone.has(unit) ? [] : [c]));
  }

  #conv(node: NodeProto, input: number[] | undefined, output: number[] | undefined): void {
    const groups = intAttribute(node, 'group', 1);
    const perGroup = this.#graph.constantDims(node.input[1] ?? '')?.[1] ?? 1;
    this.#take(node, 1, 0, output);
    this.#take(node, 2, 0, output);
    if (input === undefined) return;
    if (groups === 1) this.#take(node, 1, 1, input);
    else if (perGroup === 1) setAttribute(node, 'group', input.length);
    else
      this.#take(
        node,
        1,
        1,
        input.filter((channel) => channel < perGroup),
      );
  }

  #split(node: NodeProto): void {
    if (normalAxis(intAttribute(node, 'axis', 0)) !== 1) return;
    const units = this.#map.of(node.input[0] ?? '');
    const sizes = units && splitSizes(this.#graph, node, units.length);
    if (units === undefined || sizes === undefined || this.#kept(node.input[0] ?? '') === undefined) return;
    let at = 0;
    const counts = sizes.map((size) => {
      at += size;
      return units.slice(at - size, at).filter((unit) => !this.#gone.has(unit)).length;
    });
    removeAttribute(node, 'split');
    removeAttribute(node, 'num_outputs');
    node.input = [node.input[0] ?? '', this.#constant(node, 'split', counts)];
  }

  #slice(node: NodeProto): void {
    const units = this.#map.of(node.input[0] ?? '');
    const range = units && channelSlice(this.#graph, node, units.length);
    if (units === undefined || range === undefined || range.position < 0) return;
    const before = units.slice(0, range.from).filter((unit) => !this.#gone.has(unit)).length;
    const inside = units.slice(range.from, range.to).filter((unit) => !this.#gone.has(unit)).length;
    const change = (input: number, value: number) => {
      const tensor = this.#graph.initializer(node.input[input] ?? '');
      const values = tensor === undefined ? [] : integerData(tensor);
      values[range.position] = value;
      node.input[input] = this.#constant(node, input === 1 ? 'starts' : 'ends', values);
    };
    change(1, before);
    change(2, before + inside);
  }

  #resize(node: NodeProto, output: number[] | undefined): void {
    const sizes = this.#graph.initializer(node.input[3] ?? '');
    if (output === undefined || sizes === undefined || sizes.dims[0] !== 4n) return;
    const values = integerData(sizes);
    values[1] = output.length;
    node.input[3] = this.#constant(node, 'sizes', values);
  }

  /** Constants that an elementwise operator spreads over the channels. */
  #constants(node: NodeProto, output: number[]): void {
    node.input.forEach((input, i) => {
      const dims = this.#graph.constantDims(input);
      if (dims === undefined || (constantChannels(dims) ?? 1) === 1 || dims.length < 3) return;
      this.#take(node, i, dims.length - 3, output);
    });
  }

  #constant(node: NodeProto, what: string, values: readonly number[]): string {
    const name = this.#graph.fresh(`${node.output[0]}_${what}`);
    this.#graph.setInitializer(int64Tensor(name, [values.length], values));
    return name;
  }

  /** Replaces constant input `at` by the rows of `axis` that stay. A new name: others may read the old one. */
  #take(node: NodeProto, at: number, axis: number, rows: readonly number[] | undefined): void {
    const tensor = this.#graph.initializer(node.input[at] ?? '');
    if (tensor === undefined || rows === undefined) return;
    const dims = dimsOf(tensor);
    const data = tensorData(tensor);
    const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
    const outer = dims.slice(0, axis).reduce((product, dim) => product * dim, 1);
    const size = dims[axis] ?? 1;
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
