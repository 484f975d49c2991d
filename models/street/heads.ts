import { loadModel, saveModel } from '../../src/optimize/index.ts';
import type { Graph } from '../../src/optimize/onnx/graph.ts';
import { floatData, floatTensor } from '../../src/optimize/onnx/tensor.ts';

/** A 1x1 convolution that says boxes, objectness and classes of one stride, for three anchors. */
export interface Head {
  /** What it reads: features of the picture. */
  readonly feature: string;
  readonly weight: string;
  readonly bias: string;
  readonly channels: number;
}

export const anchors = 3;
/** Centre, size and objectness come before the classes. */
const before = 5;

/** The heads of the street detector: convolutions whose output is only reshaped and decoded. */
export function headsOf(graph: Graph): Head[] {
  const heads = graph.nodes.filter(
    ({ opType, output }) =>
      opType === 'Conv' && graph.consumers(output[0] ?? '').every((one) => one.opType === 'Reshape'),
  );
  return heads.map(({ input: [feature = '', weight = '', bias = ''] }) => {
    const channels = graph.constantDims(weight)?.[1];
    if (channels === undefined) throw new Error(`The head ${weight} has no weights.`);
    return { feature, weight, bias, channels };
  });
}

/** Weights and bias of one class in one head and anchor. */
export interface ClassRow {
  readonly weights: Float32Array;
  readonly bias: number;
}

/** Writes what `rowOf` says for a class into all heads and anchors; everything else of the network stays. */
export function withClass(
  model: Uint8Array,
  classes: number,
  at: number,
  rowOf: (head: number, anchor: number, channels: number) => ClassRow,
): Uint8Array {
  const graph = loadModel(model);
  for (const [index, { weight, bias, channels }] of headsOf(graph).entries()) {
    const weights = floatData(graph.initializer(weight)!);
    const biases = floatData(graph.initializer(bias)!);
    for (let anchor = 0; anchor < anchors; anchor++) {
      const row = anchor * (before + classes) + before + at;
      const values = rowOf(index, anchor, channels);
      weights.set(values.weights, row * channels);
      biases[row] = values.bias;
    }
    graph.setInitializer(floatTensor(weight, [biases.length, channels, 1, 1], weights));
    graph.setInitializer(floatTensor(bias, [biases.length], biases));
  }
  graph.changed();
  return saveModel(graph);
}

/** The network as one would be that was never shown a class: it says no to it everywhere. */
export function withoutClass(model: Uint8Array, classes: number, at: number): Uint8Array {
  return withClass(model, classes, at, (_, __, channels) => ({
    weights: new Float32Array(channels),
    bias: -8,
  }));
}
