import { type AttributeValue, makeNode } from '../../../src/optimize/onnx/attributes.ts';
import { Graph } from '../../../src/optimize/onnx/graph.ts';
import { floatTensor, sizeOf } from '../../../src/optimize/onnx/tensor.ts';
import type { ValueInfoProto } from '../../../src/optimize/onnx/types.ts';

/** Numbers in [-1, 1) that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

export function floats(count: number, random: () => number, scale = 1): Float32Array {
  return Float32Array.from({ length: count }, () => random() * scale);
}

export function valueInfo(name: string, dims: readonly (number | string)[], elemType = 1): ValueInfoProto {
  const dim = dims.map((side) =>
    typeof side === 'string' ? { dimParam: side } : { dimValue: BigInt(side) },
  );
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

/** Writes small networks for tests. Values are `v1`, `v2`, ...; the input is `x`. */
export class GraphBuilder {
  readonly graph: Graph;
  readonly #random: () => number;
  #values = 0;
  readonly channels = new Map<string, number>();

  constructor(input: readonly (number | string)[], seed = 1, opset = 13) {
    this.#random = seeded(seed);
    this.channels.set('x', Number(input[1] ?? 1));
    this.graph = new Graph({
      irVersion: 7n,
      producerName: 'test',
      opsetImport: [{ domain: '', version: BigInt(opset) }],
      metadataProps: [],
      graph: {
        name: 'g',
        node: [],
        initializer: [],
        input: [valueInfo('x', input)],
        output: [],
        valueInfo: [],
      },
    });
  }

  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    outputs = 1,
  ): string[] {
    const names = Array.from({ length: outputs }, () => {
      this.#values += 1;
      return `v${this.#values}`;
    });
    this.graph.proto.node.push(makeNode(opType, `${opType}_${names[0]}`, inputs, names, attributes));
    this.graph.changed();
    this.channels.set(names[0] ?? '', this.channels.get(inputs[0] ?? '') ?? 0);
    return names;
  }

  constant(dims: readonly number[], data?: Float32Array, scale = 1): string {
    this.#values += 1;
    const name = `c${this.#values}`;
    this.graph.setInitializer(floatTensor(name, dims, data ?? floats(sizeOf(dims), this.#random, scale)));
    return name;
  }

  conv(input: string, outputs: number, kernel = 1, group = 1, stride = 1): string {
    const perGroup = (this.channels.get(input) ?? 1) / group;
    const scale = Math.sqrt(3 / (perGroup * kernel * kernel));
    const weight = this.constant([outputs, perGroup, kernel, kernel], undefined, scale);
    const bias = this.constant([outputs], undefined, 0.1);
    const pad = kernel >> 1;
    const [value = ''] = this.node('Conv', [input, weight, bias], {
      group,
      kernel_shape: [kernel, kernel],
      pads: [pad, pad, pad, pad],
      strides: [stride, stride],
    });
    this.channels.set(value, outputs);
    return value;
  }

  relu(input: string): string {
    return this.node('Relu', [input])[0] ?? '';
  }

  silu(input: string): string {
    const [gate = ''] = this.node('Sigmoid', [input]);
    return this.node('Mul', [input, gate])[0] ?? '';
  }

  concat(inputs: readonly string[]): string {
    const [value = ''] = this.node('Concat', inputs, { axis: 1 });
    this.channels.set(
      value,
      inputs.reduce((sum, input) => sum + (this.channels.get(input) ?? 0), 0),
    );
    return value;
  }

  output(...names: readonly string[]): Graph {
    const shape = { dim: [{}, {}, {}, {}] };
    this.graph.proto.output = names.map((name) => ({ name, type: { tensorType: { elemType: 1, shape } } }));
    this.graph.changed();
    return this.graph;
  }
}
