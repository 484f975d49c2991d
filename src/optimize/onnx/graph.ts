import { InputError } from '../../base/index.ts';
import { subgraphs } from './attributes.ts';
import { dimsOf } from './tensor.ts';
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from './types.ts';

/**
 * A model's main graph with its indices: who produces a value, who reads it, which values are constants.
 * INVARIANTS: every value has one producer at most (SSA, ONNX IR); nodes are in topological order.
 * Passes change `proto` freely and call `changed()`; indices are rebuilt on the next question.
 */
export class Graph {
  readonly model: ModelProto;
  readonly proto: GraphProto;
  #index: Index | undefined;
  #names = 0;

  constructor(model: ModelProto) {
    if (model.graph === undefined) {
      throw new InputError('onnx-empty', 'The ONNX file has no graph.', 'Export the model again.');
    }
    this.model = model;
    this.proto = model.graph;
  }

  get nodes(): NodeProto[] {
    return this.proto.node;
  }

  changed(): void {
    this.#index = undefined;
  }

  producer(value: string): NodeProto | undefined {
    return this.#indices().producers.get(value);
  }

  /** Nodes that read the value, once each; a node whose subgraph reads it counts too. */
  consumers(value: string): readonly NodeProto[] {
    return this.#indices().consumers.get(value) ?? [];
  }

  initializer(value: string): TensorProto | undefined {
    return this.#indices().initializers.get(value);
  }

  isConstant(value: string): boolean {
    return this.#indices().initializers.has(value);
  }

  isOutput(value: string): boolean {
    return this.#indices().outputs.has(value);
  }

  /** Inputs that are fed, without initializers that old exporters list as inputs too. */
  inputs(): ValueInfoProto[] {
    return this.proto.input.filter((input) => !this.isConstant(input.name ?? ''));
  }

  /** Adds the constant, or replaces the one of the same name. */
  setInitializer(tensor: TensorProto): void {
    const at = this.proto.initializer.findIndex((item) => item.name === tensor.name);
    if (at < 0) this.proto.initializer.push(tensor);
    else this.proto.initializer[at] = tensor;
    this.changed();
  }

  /** A name that no value and no node of the graph has yet. */
  fresh(stem: string): string {
    const { producers, initializers, nodeNames } = this.#indices();
    let name = stem;
    while (producers.has(name) || initializers.has(name) || nodeNames.has(name) || this.#isInput(name)) {
      this.#names += 1;
      name = `${stem}_${this.#names}`;
    }
    return name;
  }

  /** Default-domain operator set version. */
  get opset(): number {
    const found = this.model.opsetImport.find(
      (item) => (item.domain ?? '') === '' || item.domain === 'ai.onnx',
    );
    return Number(found?.version ?? 0n);
  }

  /** Shape of a constant; undefined for other values. */
  constantDims(value: string): number[] | undefined {
    const tensor = this.initializer(value);
    return tensor === undefined ? undefined : dimsOf(tensor);
  }

  #isInput(name: string): boolean {
    return this.proto.input.some((input) => input.name === name);
  }

  #indices(): Index {
    this.#index ??= buildIndex(this.proto);
    return this.#index;
  }
}

interface Index {
  readonly producers: Map<string, NodeProto>;
  readonly consumers: Map<string, NodeProto[]>;
  readonly initializers: Map<string, TensorProto>;
  readonly outputs: Set<string>;
  readonly nodeNames: Set<string>;
}

function buildIndex(proto: GraphProto): Index {
  const index: Index = {
    producers: new Map(),
    consumers: new Map(),
    initializers: new Map(proto.initializer.map((tensor) => [tensor.name ?? '', tensor])),
    outputs: new Set(proto.output.map((output) => output.name ?? '')),
    nodeNames: new Set(),
  };
  for (const node of proto.node) {
    index.nodeNames.add(node.name ?? '');
    for (const output of node.output) if (output !== '') index.producers.set(output, node);
    for (const input of new Set([...node.input, ...capturedValues(node)])) {
      if (input === '') continue;
      const list = index.consumers.get(input);
      if (list === undefined) index.consumers.set(input, [node]);
      else list.push(node);
    }
  }
  return index;
}

/** Names that the subgraphs of a node read; a name that a subgraph defines itself does no harm here. */
export function capturedValues(node: NodeProto): string[] {
  return subgraphs(node).flatMap((graph) => [
    ...graph.node.flatMap((inner) => [...inner.input, ...capturedValues(inner)]),
    ...graph.output.map((output) => output.name ?? ''),
  ]);
}
