import { capturedValues, type Graph } from '../onnx/graph.ts';
import type { NodeProto } from '../onnx/types.ts';
import { layoutRules } from './follow/layout.ts';
import { type Rule, Step } from './follow/step.ts';
import { valueRules } from './follow/values.ts';
import { weightRules } from './follow/weights.ts';
import type { Axes } from './reshape.ts';
import type { Shapes } from './shapes.ts';
import { type Unit, Units } from './units.ts';

const rules: Readonly<Record<string, Rule | undefined>> = { ...valueRules, ...layoutRules, ...weightRules };

/**
 * Which unit every channel of every value belongs to, along whichever axis the channels are. They begin at the layers with
 * constant weights and are followed as the structure of the graph allows; what flows into anything else is kept whole.
 */
export class ChannelMap {
  readonly shapes: Shapes;
  readonly #graph: Graph;
  readonly #units = new Units();
  readonly #axes = new Map<string, Axes>();

  constructor(graph: Graph, shapes: Shapes) {
    this.#graph = graph;
    this.shapes = shapes;
    for (const node of graph.nodes) this.#follow(node);
    for (const { name = '' } of graph.proto.output)
      for (const units of this.#axes.get(name) ?? []) this.#units.keep(units, 'it is an output of the model');
  }

  /** Units along an axis of a value, counted from the end where negative; undefined where there are none. */
  of(value: string, axis = 1): Unit[] | undefined {
    return this.#axes
      .get(value)
      ?.at(axis)
      ?.map((unit) => this.#units.root(unit));
  }

  /** Every axis that has units. */
  axes(): { readonly value: string; readonly axis: number }[] {
    return [...this.#axes].flatMap(([value, axes]) =>
      [...axes.keys()].flatMap((axis) => (axes[axis] === undefined ? [] : [{ value, axis }])),
    );
  }

  /** Why a unit can't be pruned. */
  reason(unit: Unit): string | undefined {
    return this.#units.reason(unit);
  }

  /** One node as its rule sees it, for whoever changes the graph. */
  step(node: NodeProto): Step {
    return new Step(this.#graph, node, this.#units, this.shapes, this.#axes);
  }

  #follow(node: NodeProto): void {
    const step = this.step(node);
    const rule = (node.domain ?? '') === '' ? rules[node.opType ?? ''] : undefined;
    const known = node.input.every((value) => value === '' || this.shapes.has(value));
    const made = known ? rule?.(step) : undefined;
    if (made === undefined) {
      const reason = `it flows into ${step.name}, behind which channels can't be followed`;
      for (const input of [...node.input, ...capturedValues(node)])
        for (const units of this.#axes.get(input) ?? []) this.#units.keep(units, reason);
      return;
    }
    node.output.forEach((output, i) => {
      const axes = made[i];
      if (output !== '' && axes !== undefined) this.#axes.set(output, axes);
    });
  }
}
