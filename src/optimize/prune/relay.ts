import type { SampleSet } from '../calibrate/samples.ts';
import { capturedValues, Graph } from '../onnx/graph.ts';
import { saveModel } from '../onnx/load.ts';
import type { NodeProto, ValueInfoProto } from '../onnx/types.ts';
import type { GraphRunner, RunTensor } from '../runner.ts';

/**
 * Runs a graph part by part, in the order in which values are asked for, so that every node runs once per picture even
 * where weights behind it change in between. It keeps the values that nodes to come still read, and no others.
 */
export class Relay {
  readonly #graph: Graph;
  readonly #runner: GraphRunner;
  readonly #samples: SampleSet;
  readonly #done = new Set<NodeProto>();
  /** Live values of each picture. */
  readonly #live: Map<string, RunTensor>[] = [];
  readonly #pictures: number;

  constructor(graph: Graph, runner: GraphRunner, samples: SampleSet, pictures: number) {
    this.#graph = graph;
    this.#runner = runner;
    this.#samples = samples;
    this.#pictures = pictures;
  }

  /** Brings every picture as far as `value` and gives it. Nodes that ran keep the weights that they had then. */
  async advance(value: string, look: (given: RunTensor, picture: number) => void): Promise<void> {
    await this.#begin();
    const part = this.#missing(value);
    for (const node of part) this.#done.add(node);
    const wanted = new Set([value, ...this.#awaited()]);
    const loaded = part.length === 0 ? undefined : await this.#runner.load(this.#model(part, wanted));
    try {
      for (const [i, live] of this.#live.entries()) {
        const given = await loaded?.run(Object.fromEntries(live));
        for (const [name, tensor] of Object.entries(given?.outputs ?? {})) live.set(name, tensor);
        const found = live.get(value);
        if (found !== undefined) look(found, i);
        for (const name of live.keys()) if (!wanted.has(name)) live.delete(name);
      }
    } finally {
      await loaded?.close();
    }
  }

  async #begin(): Promise<void> {
    while (this.#live.length < this.#pictures) {
      this.#live.push(new Map(Object.entries(await this.#samples.input(this.#live.length))));
    }
  }

  /** Nodes on which the value depends and that did not run yet, in the order of the graph. */
  #missing(value: string): NodeProto[] {
    const known = this.#live[0] ?? new Map();
    const needed = new Set<NodeProto>();
    const open = [value];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const node = known.has(name) ? undefined : this.#graph.producer(name);
      if (node === undefined || needed.has(node)) continue;
      needed.add(node);
      open.push(...node.input, ...capturedValues(node));
    }
    return this.#graph.nodes.filter((node) => needed.has(node));
  }

  /** Values that nodes to come read. */
  #awaited(): string[] {
    return this.#graph.nodes.flatMap((node) =>
      this.#done.has(node) ? [] : [...node.input, ...capturedValues(node)],
    );
  }

  #model(part: readonly NodeProto[], wanted: ReadonlySet<string>): Uint8Array {
    const read = new Set(part.flatMap((node) => [...node.input, ...capturedValues(node)]));
    const made = part.flatMap((node) => node.output);
    const input: ValueInfoProto[] = [...(this.#live[0] ?? [])].map(([name, { dataType, dims }]) => ({
      name,
      type: {
        tensorType: {
          elemType: dataType,
          shape: { dim: dims.map((side) => ({ dimValue: BigInt(side) })) },
        },
      },
    }));
    return saveModel(
      new Graph({
        ...this.#graph.model,
        graph: {
          name: 'part',
          node: [...part],
          initializer: this.#graph.proto.initializer.filter(({ name }) => read.has(name ?? '')),
          input: input.filter(({ name }) => read.has(name ?? '')),
          output: made.filter((name) => wanted.has(name)).map((name) => ({ name })),
          valueInfo: [],
        },
      }),
    );
  }
}
