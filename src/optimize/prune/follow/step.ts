import { attribute } from '../../onnx/attributes.ts';
import type { Graph } from '../../onnx/graph.ts';
import { integerData } from '../../onnx/tensor.ts';
import type { NodeProto } from '../../onnx/types.ts';
import type { Axes } from '../reshape.ts';
import type { Shapes } from '../shapes.ts';
import type { Unit, Units } from '../units.ts';

/** Axes of each output; undefined for a node whose channels can't be followed. */
export type Rule = (step: Step) => readonly Axes[] | undefined;

/** One node on the way of the channels through a graph: what its rule may ask and do. */
export class Step {
  readonly graph: Graph;
  readonly node: NodeProto;
  readonly units: Units;
  readonly #shapes: Shapes;
  readonly #known: ReadonlyMap<string, Axes>;

  constructor(graph: Graph, node: NodeProto, units: Units, shapes: Shapes, known: ReadonlyMap<string, Axes>) {
    this.graph = graph;
    this.node = node;
    this.units = units;
    this.#shapes = shapes;
    this.#known = known;
  }

  get name(): string {
    return `${this.node.opType} ${this.node.name || this.node.output[0]}`;
  }

  dims(input: number): readonly number[] {
    return this.#shapes.get(this.node.input[input] ?? '') ?? [];
  }

  outputDims(output = 0): readonly number[] {
    return this.#shapes.get(this.node.output[output] ?? '') ?? [];
  }

  isConstant(input: number): boolean {
    return this.graph.isConstant(this.node.input[input] ?? '');
  }

  /** Axes of an input; all without units where nothing is known of it. */
  axes(input: number): Axes {
    return this.#known.get(this.node.input[input] ?? '') ?? this.dims(input).map(() => undefined);
  }

  keep(units: readonly Unit[] | undefined, what: string): undefined {
    this.units.keep(units, what);
    return undefined;
  }

  /** The axes, without the units of those that the node computes along. */
  keepAlong(axes: Axes, along: readonly number[]): Axes {
    return axes.map((units, axis) =>
      along.includes(axis) ? this.keep(units, `${this.name} computes along it`) : units,
    );
  }

  /** Integers that an input gives as a constant, or an attribute of old operator sets; undefined where neither does. */
  integers(input: number, attributeName: string): number[] | undefined {
    const tensor = this.graph.initializer(this.node.input[input] ?? '');
    if (tensor !== undefined) return integerData(tensor);
    return attribute(this.node, attributeName)?.ints.map(Number);
  }
}

export function positiveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
