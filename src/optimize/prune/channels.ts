import { intAttribute, intsAttribute, stringAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { dimsOf, floatData, integerData } from '../onnx/tensor.ts';
import type { NodeProto } from '../onnx/types.ts';

/** Channels that can only go together, e.g. channel 5 of every layer that a residual Add joins. Identified by number. */
export type Unit = number;

/** Operators that treat every channel on its own: what comes out of channel c came in at channel c. */
const perChannel = new Set([
  ...['Relu', 'LeakyRelu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Clip', 'Elu', 'Softplus', 'Mish'],
  ...['Abs', 'Exp', 'Sqrt', 'Neg', 'Erf', 'Identity', 'Cast', 'Dropout'],
  ...['MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool'],
]);
const elementwise = new Set(['Add', 'Mul', 'Sub', 'Div', 'Max', 'Min']);
const channelAxis = 1;
const rank = 4;

/**
 * Which unit every channel of every value belongs to. Values that are not pictures (rank 4, channels second) have no
 * entry. After a Reshape, Transpose or MatMul a channel can't be followed any more: what flows in there is kept whole.
 */
export class ChannelMap {
  /** Units of a value's channels, as they were handed out; `unitOf` joins them. */
  readonly #units = new Map<string, readonly number[]>();
  readonly #parent: number[] = [];
  readonly #reasons = new Map<number, string>();
  readonly #graph: Graph;

  constructor(graph: Graph) {
    this.#graph = graph;
    for (const input of graph.inputs()) {
      const dims = input.type?.tensorType?.shape?.dim.map((dim) => Number(dim.dimValue ?? 0)) ?? [];
      if (dims.length !== rank) continue;
      const made = this.#make(dims[channelAxis] ?? 0);
      this.#units.set(input.name ?? '', made);
      this.#keep(made, 'it is the input of the model');
    }
    for (const node of graph.nodes) this.#follow(node);
    for (const output of graph.proto.output) {
      this.#keep(this.#units.get(output.name ?? ''), 'it is an output of the model');
    }
  }

  /** Units of the channels of a value; undefined where channels can't be followed. */
  of(value: string): Unit[] | undefined {
    return this.#units.get(value)?.map((unit) => this.#root(unit));
  }

  values(): string[] {
    return [...this.#units.keys()];
  }

  /** Why a unit can't be pruned. */
  reason(unit: Unit): string | undefined {
    return this.#reasons.get(this.#root(unit));
  }

  #follow(node: NodeProto): void {
    const made = this.#outputsOf(node);
    if (made === undefined) {
      const what = `it flows into ${node.opType} ${node.name || node.output[0]}, behind which channels can't be followed`;
      for (const input of node.input) this.#keep(this.#units.get(input), what);
      return;
    }
    node.output.forEach((output, i) => {
      const units = made[i];
      if (output !== '' && units !== undefined) this.#units.set(output, units);
    });
  }

  /** Units of each output, or undefined for a node that nothing here understands. */
  #outputsOf(node: NodeProto): (readonly number[])[] | undefined {
    const type = (node.domain ?? '') === '' ? (node.opType ?? '') : '';
    const [first = ''] = node.input;
    const units = this.#units.get(first);
    if (elementwise.has(type)) return this.#elementwise(node);
    if (type === 'Concat') return this.#concat(node);
    if (units === undefined) return undefined;
    if (type === 'Conv') return this.#conv(node, units);
    if (type === 'BatchNormalization') return [units];
    if (type === 'Split') return this.#split(node, units);
    if (type === 'Slice') return this.#slice(node, units);
    if (type === 'Pad') return this.#pad(node, units);
    if (type === 'Resize' || type === 'Upsample') return this.#resize(node, units);
    if (perChannel.has(type)) return [units];
    return undefined;
  }

  #conv(node: NodeProto, input: readonly number[]): (readonly number[])[] | undefined {
    const weight = this.#graph.initializer(node.input[1] ?? '');
    const bias = node.input[2] ?? '';
    if (weight === undefined || (bias !== '' && !this.#graph.isConstant(bias))) return undefined;
    const [outputs = 0, perGroup = 0] = dimsOf(weight);
    if (weight.dims.length !== rank) return undefined;
    const groups = intAttribute(node, 'group', 1);
    if (groups === 1) return [this.#make(outputs)];
    const outputsPerGroup = outputs / groups;
    if (perGroup === 1) {
      return [Array.from({ length: outputs }, (_, c) => input[Math.floor(c / outputsPerGroup)] ?? 0)];
    }
    // Every group must lose the same channels, or the groups would differ in size.
    for (let c = perGroup; c < input.length; c += 1) this.#join(input[c % perGroup] ?? 0, input[c] ?? 0);
    const made = this.#make(outputsPerGroup);
    return [Array.from({ length: outputs }, (_, c) => made[c % outputsPerGroup] ?? 0)];
  }

  #elementwise(node: NodeProto): (readonly number[])[] | undefined {
    const pictures: (readonly number[])[] = [];
    for (const input of node.input) {
      if (this.#graph.isConstant(input)) continue;
      const units = this.#units.get(input);
      if (units === undefined) return undefined;
      pictures.push(units);
    }
    const wide = pictures.reduce((a, b) => (b.length > a.length ? b : a), pictures[0] ?? []);
    for (const other of pictures) {
      if (other.length === wide.length) this.#joinAll(wide, other);
      else if (other.length !== 1) return undefined;
      else this.#keep(other, `it is spread over all channels by ${node.opType} ${node.name ?? ''}`);
    }
    const fits = node.input.every((input) => {
      const dims = this.#graph.constantDims(input);
      return dims === undefined || constantChannels(dims) !== undefined;
    });
    return fits && wide.length > 0 ? [wide] : undefined;
  }

  #concat(node: NodeProto): (readonly number[])[] | undefined {
    const all = node.input.map((input) => this.#units.get(input));
    const known = all.filter((units) => units !== undefined);
    if (known.length !== all.length) return undefined;
    if (normalAxis(intAttribute(node, 'axis', 1)) === channelAxis) return [known.flat()];
    const [first = []] = known;
    for (const other of known) this.#joinAll(first, other);
    return [first];
  }

  #split(node: NodeProto, units: readonly number[]): (readonly number[])[] | undefined {
    if (normalAxis(intAttribute(node, 'axis', 0)) !== channelAxis) return node.output.map(() => units);
    const sizes = splitSizes(this.#graph, node, units.length);
    if (sizes === undefined) return undefined;
    let at = 0;
    return sizes.map((size) => {
      at += size;
      return units.slice(at - size, at);
    });
  }

  #slice(node: NodeProto, units: readonly number[]): (readonly number[])[] | undefined {
    const range = channelSlice(this.#graph, node, units.length);
    return range === undefined ? undefined : [units.slice(range.from, range.to)];
  }

  /** Channels that are padded stand beside the others, and stay: a Pad gives as many, whatever is left between them. */
  #pad(node: NodeProto, units: readonly number[]): (readonly number[])[] | undefined {
    const added = channelPads(this.#graph, node);
    if (added === undefined || added.before < 0 || added.after < 0) return undefined;
    if (added.before === 0 && added.after === 0) return [units];
    // Other modes copy channels into the padding.
    if (stringAttribute(node, 'mode', 'constant') !== 'constant') return undefined;
    const [before, after] = [this.#make(added.before), this.#make(added.after)];
    this.#keep([...before, ...after], `it is padded by ${node.name || node.output[0]}`);
    return [[...before, ...units, ...after]];
  }

  #resize(node: NodeProto, units: readonly number[]): (readonly number[])[] | undefined {
    const [, first = '', second = '', sizes = ''] = node.input;
    const scales = this.#graph.initializer(node.opType === 'Upsample' ? first : second);
    const target = this.#graph.initializer(sizes);
    if (scales?.dims[0] === BigInt(rank) && floatData(scales)[channelAxis] !== 1) return undefined;
    if (target?.dims[0] === BigInt(rank) && integerData(target)[channelAxis] !== units.length)
      return undefined;
    return [units];
  }

  #make(count: number): number[] {
    return Array.from({ length: count }, () => {
      this.#parent.push(this.#parent.length);
      return this.#parent.length - 1;
    });
  }

  #keep(units: readonly number[] | undefined, reason: string): void {
    for (const unit of units ?? []) {
      const root = this.#root(unit);
      if (!this.#reasons.has(root)) this.#reasons.set(root, reason);
    }
  }

  #joinAll(first: readonly number[], others: readonly number[]): void {
    others.forEach((unit, c) => {
      this.#join(first[c] ?? 0, unit);
    });
  }

  #join(a: number, b: number): void {
    const first = this.#root(a);
    const second = this.#root(b);
    if (first === second) return;
    this.#parent[second] = first;
    const reason = this.#reasons.get(second);
    if (reason !== undefined && !this.#reasons.has(first)) this.#reasons.set(first, reason);
  }

  #root(unit: number): number {
    let at = unit;
    for (;;) {
      const next = this.#parent[at] ?? at;
      if (next === at) return at;
      at = next;
    }
  }
}

export function normalAxis(axis: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Channels of a constant that is broadcast onto a picture: its size on the channel axis, 1 where it has none. */
export function constantChannels(dims: readonly number[]): number | undefined {
  if (dims.length > rank) return undefined;
  return dims.length < rank - channelAxis ? 1 : dims[dims.length - (rank - channelAxis)];
}

/** Channels that a Pad adds in front and behind; undefined where only a run would tell. */
function channelPads(
  graph: Graph,
  node: NodeProto,
): { readonly before: number; readonly after: number } | undefined {
  const [, given = '', , axesName = ''] = node.input;
  const tensor = graph.initializer(given);
  const pads = given === '' ? intsAttribute(node, 'pads') : tensor && integerData(tensor);
  const axes = axesName === '' ? [0, 1, 2, 3] : constantAxes(graph, axesName);
  if (pads === undefined || axes === undefined || pads.length !== 2 * axes.length) return undefined;
  const position = axes.indexOf(channelAxis);
  return position < 0
    ? { before: 0, after: 0 }
    : { before: pads[position] ?? 0, after: pads[position + axes.length] ?? 0 };
}

function constantAxes(graph: Graph, name: string): number[] | undefined {
  const tensor = graph.initializer(name);
  return tensor && integerData(tensor).map(normalAxis);
}

export function splitSizes(graph: Graph, node: NodeProto, channels: number): number[] | undefined {
  const given = node.input[1] ?? '';
  if (given !== '') {
    const tensor = graph.initializer(given);
    return tensor === undefined ? undefined : integerData(tensor);
  }
  const listed = intsAttribute(node, 'split');
  if (listed !== undefined) return listed;
  const parts = node.output.length;
  const size = Math.ceil(channels / parts);
  return Array.from({ length: parts }, (_, i) => Math.min(size, channels - i * size));
}

/** Range of channels that a Slice keeps; everything where it cuts other axes only; undefined where it skips channels. */
export function channelSlice(
  graph: Graph,
  node: NodeProto,
  channels: number,
): { readonly from: number; readonly to: number; readonly position: number } | undefined {
  const [starts, ends, axes, steps] = node.input.slice(1).map((name) => {
    const tensor = name === '' ? undefined : graph.initializer(name);
    return tensor === undefined ? undefined : integerData(tensor);
  });
  if (starts === undefined || ends === undefined) return undefined;
  const position = (axes ?? starts.map((_, i) => i)).map(normalAxis).indexOf(channelAxis);
  if (position < 0) return { from: 0, to: channels, position };
  if ((steps?.[position] ?? 1) !== 1) return undefined;
  const clamp = (value: number) => Math.max(0, Math.min(channels, value < 0 ? value + channels : value));
  return { from: clamp(starts[position] ?? 0), to: clamp(ends[position] ?? channels), position };
}
