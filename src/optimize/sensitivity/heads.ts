import type { SampleSet } from '../calibrate/samples.ts';
import type { Graph } from '../onnx/graph.ts';
import { cloneGraph, saveModel } from '../onnx/load.ts';
import { detectionTail } from '../quantize/layers.ts';
import type { GraphRunner, LoadedGraph, RunTensors } from '../runner.ts';

/**
 * Values that the float detection tail reads from the network: logits and box regressions. Errors are measured here,
 * where they are still on a linear scale; behind a sigmoid or an exp they would be squeezed or blown up.
 */
export function headValues(graph: Graph): string[] {
  const tail = detectionTail(graph);
  const heads = new Set<string>();
  for (const node of graph.nodes) {
    if (tail.has(node)) continue;
    for (const output of node.output) {
      const readers = graph.consumers(output);
      if (graph.isOutput(output) || readers.some((reader) => tail.has(reader))) heads.add(output);
    }
  }
  return [...heads];
}

/** A model whose only outputs are its heads, `names` in the order of `headValues`. */
export interface CutModel {
  readonly bytes: Uint8Array;
  readonly names: readonly string[];
}

/** The same graph with its heads as the only outputs; a quantized graph keeps the names of its float values. */
export function cutAtHeads(graph: Graph, heads: readonly string[]): CutModel {
  const copy = cloneGraph(graph);
  const names = heads.map((name) => readable(copy, name));
  copy.proto.output = names.map((name) => ({ name }));
  return { bytes: saveModel(copy), names };
}

/** Behind a rounding pair a value is read as the rest of the network reads it. */
function readable(graph: Graph, name: string): string {
  const rounded = `${name}_dequantized`;
  return graph.producer(rounded) === undefined ? name : rounded;
}

export type HeadOutputs = readonly Float32Array[];

export async function runHeads(
  model: CutModel,
  runner: GraphRunner,
  samples: SampleSet,
  pictures: number,
): Promise<HeadOutputs[]> {
  const loaded = await runner.load(model.bytes);
  try {
    const results: HeadOutputs[] = [];
    for (let i = 0; i < Math.min(pictures, samples.count); i += 1) {
      results.push(await headsOf(loaded, await samples.input(i), model.names));
    }
    return results;
  } finally {
    await loaded.close();
  }
}

async function headsOf(
  loaded: LoadedGraph,
  input: RunTensors,
  names: readonly string[],
): Promise<HeadOutputs> {
  const { outputs } = await loaded.run(input);
  return names.map((name) => {
    const data = outputs[name]?.data;
    if (!(data instanceof Float32Array)) throw new RangeError(`the head ${name} is not float32`);
    return data;
  });
}

/**
 * Noise-to-signal ratio: squared error over the variance of the float value, averaged over heads. 0 is perfect, 1 means
 * that the head says nothing any more.
 */
export function noiseRatio(float: readonly HeadOutputs[], other: readonly HeadOutputs[]): number {
  const heads = float[0]?.length ?? 0;
  let sum = 0;
  for (let head = 0; head < heads; head += 1) {
    let noise = 0;
    let signal = 0;
    float.forEach((picture, i) => {
      const truth = picture[head];
      const found = other[i]?.[head];
      if (truth === undefined || found === undefined) return;
      noise += squaredDifference(truth, found);
      signal += variance(truth) * truth.length;
    });
    // A head that blew up is as bad as one that says nothing; it must not hide the others.
    const ratio = signal > 0 ? noise / signal : noise > 0 ? 1 : 0;
    sum += Number.isFinite(ratio) ? Math.min(ratio, 10) : 10;
  }
  return heads === 0 ? 0 : sum / heads;
}

function squaredDifference(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) {
    const difference = a[i]! - b[i]!;
    sum += difference * difference;
  }
  return sum;
}

function variance(values: Float32Array): number {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return Math.max(0, squares / values.length - mean * mean);
}
