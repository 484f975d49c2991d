import { OnnxruntimeGraphRunner } from '../../../src/adapters/graph-runner/index.ts';
import { type RunTensor, saveModel } from '../../../src/optimize/index.ts';
import type { Graph } from '../../../src/optimize/onnx/graph.ts';

export const runner = new OnnxruntimeGraphRunner();

/** Outputs of one run by name. */
export async function outputsOf(
  graph: Graph,
  input: RunTensor,
  name = 'x',
): Promise<Record<string, Float32Array>> {
  const loaded = await runner.load(saveModel(graph), { optimization: 'none' });
  try {
    const { outputs } = await loaded.run({ [name]: input });
    return Object.fromEntries(
      Object.entries(outputs).map(([key, { data }]) => {
        if (!(data instanceof Float32Array)) throw new RangeError(`${key} is not float32`);
        return [key, data];
      }),
    );
  } finally {
    await loaded.close();
  }
}

export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}
