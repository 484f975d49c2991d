import { intAttribute, intsAttribute, subgraphs } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { floatData, int64Tensor, integerData } from '../onnx/tensor.ts';
import type { NodeProto } from '../onnx/types.ts';
import { constantNodesToInitializers } from './constants.ts';

/** Name of the free dimension. */
const batchName = 'batch';

/** One input, one output of the same shape, every value by itself. */
const unary = new Set([
  ...[
    'Relu',
    'LeakyRelu',
    'Sigmoid',
    'HardSigmoid',
    'HardSwish',
    'Tanh',
    'Clip',
    'Elu',
    'Selu',
    'Softplus',
    'Mish',
  ],
  ...[
    'Abs',
    'Exp',
    'Log',
    'Sqrt',
    'Neg',
    'Erf',
    'Floor',
    'Ceil',
    'Round',
    'Reciprocal',
    'Identity',
    'Cast',
    'Dropout',
  ],
]);
const elementwise = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'Mean', 'PRelu']);
/** Every picture of rank 4 by itself, with constants beside it. */
const perPicture = new Set([
  ...['Conv', 'ConvTranspose', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool'],
  ...['BatchNormalization', 'InstanceNormalization', 'LRN', 'DepthToSpace', 'SpaceToDepth'],
]);

/**
 * Lets a network for one picture take several: its first dimension becomes free. Only where the graph proves that pictures
 * do not meet: from the input on, every value has the pictures along its first axis, and no operator computes along that
 * one. Gives the reason why not, and the graph as it was then; undefined where it is free now.
 */
export function freeBatch(graph: Graph): string | undefined {
  constantNodesToInitializers(graph);
  const flow = new PictureFlow(graph);
  for (const node of graph.nodes) {
    if (!flow.follow(node)) return `${node.opType} ${node.name || node.output[0]} may mix pictures`;
  }
  const other = graph.proto.output.find(({ name }) => !flow.hasPictures(name ?? ''));
  if (other !== undefined) return `the output ${other.name} is not one per picture`;
  flow.apply();
  return undefined;
}

/** The opposite: one picture per run, whatever the file leaves open. */
export function fixBatch(graph: Graph): void {
  for (const { type } of [...graph.inputs(), ...graph.proto.output]) {
    const batch = type?.tensorType?.shape?.dim[0];
    if (batch === undefined || Number(batch.dimValue ?? 0n) > 0) continue;
    delete batch.dimParam;
    batch.dimValue = 1n;
  }
  graph.proto.valueInfo = [];
  graph.changed();
}

class PictureFlow {
  readonly #graph: Graph;
  /** Rank of every value that has the pictures along its first axis. */
  readonly #ranks = new Map<string, number>();
  /** Shapes of constants that nodes compute, where they are known. */
  readonly #constants = new Map<string, readonly number[] | undefined>();
  readonly #reshapes: NodeProto[] = [];

  constructor(graph: Graph) {
    this.#graph = graph;
    for (const { name = '', type } of graph.inputs())
      this.#ranks.set(name, type?.tensorType?.shape?.dim.length ?? 0);
  }

  hasPictures(value: string): boolean {
    return this.#ranks.has(value);
  }

  /** False where nothing here can say what becomes of the pictures. */
  follow(node: NodeProto): boolean {
    if ((node.domain ?? '') !== '' || subgraphs(node).length > 0) return false;
    if (!node.input.some((value) => this.#ranks.has(value))) return this.#constant(node);
    const rank = this.#rankBehind(node);
    if (rank === undefined) return false;
    for (const output of node.output) if (output !== '') this.#ranks.set(output, rank);
    return true;
  }

  /** A target of 0 is the size that comes in. */
  apply(): void {
    const graph = this.#graph;
    for (const node of this.#reshapes) {
      const [, target = ''] = node.input;
      const name = graph.fresh(`${node.output[0]}_target`);
      const sides = integerData(graph.initializer(target)!);
      graph.setInitializer(int64Tensor(name, [sides.length], [0, ...sides.slice(1)]));
      node.input[1] = name;
      graph.changed();
    }
    const read = new Set(graph.nodes.flatMap(({ input }) => input));
    graph.proto.initializer = graph.proto.initializer.filter(
      ({ name = '' }) => read.has(name) || graph.isOutput(name),
    );
    // Shapes that an exporter wrote down are those of one picture.
    graph.proto.valueInfo = graph.proto.valueInfo.filter(({ name }) => !this.#ranks.has(name ?? ''));
    for (const { type } of [...graph.inputs(), ...graph.proto.output]) {
      const batch = type?.tensorType?.shape?.dim[0];
      if (batch === undefined) continue;
      delete batch.dimValue;
      batch.dimParam = batchName;
    }
    graph.changed();
  }

  #constant(node: NodeProto): boolean {
    const [first = ''] = node.input;
    if (first === '') return false;
    const keepsShape = ['DequantizeLinear', 'Identity', 'Cast'].includes(node.opType ?? '');
    for (const output of node.output)
      this.#constants.set(output, keepsShape ? this.#dimsOf(first) : undefined);
    return true;
  }

  #dimsOf(value: string): readonly number[] | undefined {
    return this.#graph.constantDims(value) ?? this.#constants.get(value);
  }

  #numbers(value: string | undefined): number[] | undefined {
    const tensor = this.#graph.initializer(value ?? '');
    return tensor && integerData(tensor);
  }

  #rankBehind(node: NodeProto): number | undefined {
    const type = node.opType ?? '';
    const [first = '', ...others] = node.input;
    if (elementwise.has(type)) return this.#spread(node.input);
    if (type === 'Concat') return this.#concat(node);
    if (type === 'MatMul') return this.#matMul(node);
    const rank = this.#ranks.get(first);
    if (rank === undefined || others.some((value) => this.#ranks.has(value))) return undefined;
    if (unary.has(type)) return rank;
    // A second output is statistics over all pictures, or places among all of their values.
    if (perPicture.has(type)) return rank === 4 && node.output.length === 1 ? rank : undefined;
    switch (type) {
      case 'QuantizeLinear':
      case 'DequantizeLinear':
        return this.#dimsOf(others[0] ?? '')?.length === 0 || axisOf(node, 1, rank) !== 0 ? rank : undefined;
      case 'Reshape':
        return this.#reshape(node);
      case 'Flatten':
        return axisOf(node, 1, rank) === 1 ? 2 : undefined;
      case 'Transpose':
        return intsAttribute(node, 'perm')?.[0] === 0 ? rank : undefined;
      case 'Resize':
      case 'Upsample':
        return this.#keepsFirstSide(node) ? rank : undefined;
      case 'Split':
        return axisOf(node, 0, rank) !== 0 ? rank : undefined;
      case 'Softmax':
      case 'LogSoftmax':
        return axisOf(node, -1, rank) !== 0 ? rank : undefined;
      case 'Slice':
        return this.#slices(node, rank) ? rank : undefined;
      case 'Gather': {
        const indices = this.#dimsOf(others[0] ?? '');
        return indices !== undefined && axisOf(node, 0, rank) !== 0 ? rank + indices.length - 1 : undefined;
      }
      case 'Squeeze':
      case 'Unsqueeze': {
        const axes = this.#numbers(others[0]) ?? intsAttribute(node, 'axes');
        if (axes === undefined) return undefined;
        const behind = type === 'Squeeze' ? rank - axes.length : rank + axes.length;
        const whole = Math.max(rank, behind);
        return axes.every((axis) => normal(axis, whole) !== 0) ? behind : undefined;
      }
      case 'ReduceMean':
      case 'ReduceMax':
      case 'ReduceSum': {
        const axes = this.#numbers(others[0]) ?? intsAttribute(node, 'axes');
        if (axes === undefined || axes.length === 0 || axes.some((axis) => normal(axis, rank) === 0))
          return undefined;
        return intAttribute(node, 'keepdims', 1) === 1 ? rank : rank - axes.length;
      }
      default:
        return undefined;
    }
  }

  /** A constant is the same for every picture where it has no side along the pictures, or one of 1. */
  #spread(inputs: readonly string[]): number | undefined {
    const rank = Math.max(...inputs.map((value) => this.#ranks.get(value) ?? 0));
    const fits = inputs.every((value) => {
      const own = this.#ranks.get(value);
      if (own !== undefined) return own === rank;
      const dims = this.#dimsOf(value);
      return dims !== undefined && (dims.length < rank || (dims.length === rank && dims[0] === 1));
    });
    return fits ? rank : undefined;
  }

  #concat(node: NodeProto): number | undefined {
    const rank = this.#ranks.get(node.input[0] ?? '');
    if (rank === undefined || axisOf(node, 1, rank) === 0) return undefined;
    return node.input.every((value) => this.#ranks.get(value) === rank) ? rank : undefined;
  }

  /** One matrix for all pictures, or one of each picture's own; of rank 2 every picture is a row. */
  #matMul({ input: [left = '', right = ''] }: NodeProto): number | undefined {
    const [a, b] = [this.#ranks.get(left), this.#ranks.get(right)];
    if (a !== undefined && b !== undefined) return a === b && a > 2 ? a : undefined;
    const dims = this.#dimsOf(a === undefined ? left : right);
    if (dims === undefined) return undefined;
    const shared = dims.length === 2 || (dims.length === (a ?? b) && dims[0] === 1);
    if (a !== undefined) return shared ? a : undefined;
    return shared && b !== undefined && b > 2 ? b : undefined;
  }

  /** The first side stays that of one picture: what is behind it is as large for each. */
  #reshape(node: NodeProto): number | undefined {
    const target = this.#numbers(node.input[1]);
    if (target === undefined || intAttribute(node, 'allowzero', 0) !== 0) return undefined;
    if (target[0] !== 0 && target[0] !== 1) return undefined;
    if (target[0] === 1) this.#reshapes.push(node);
    return target.length;
  }

  #keepsFirstSide(node: NodeProto): boolean {
    const [, first = '', second = '', sizes = ''] = node.input;
    const scales = this.#graph.initializer(node.opType === 'Upsample' ? first : second);
    // Sizes name the pictures too, and other axes other sides.
    if (sizes !== '' || scales === undefined || intsAttribute(node, 'axes') !== undefined) return false;
    return floatData(scales)[0] === 1;
  }

  #slices(node: NodeProto, rank: number): boolean {
    const [starts, ends, axes] = node.input.slice(1, 4).map((value) => this.#numbers(value));
    if (starts === undefined || ends === undefined) return false;
    return (axes ?? starts.map((_, i) => i)).every((axis) => normal(axis, rank) !== 0);
  }
}

function axisOf(node: NodeProto, otherwise: number, rank: number): number {
  return normal(intAttribute(node, 'axis', otherwise), rank);
}

function normal(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
