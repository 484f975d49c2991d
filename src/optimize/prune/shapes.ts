import { withOutputs } from '../calibrate/collect.ts';
import type { Graph } from '../onnx/graph.ts';
import { dimsOf } from '../onnx/tensor.ts';
import { zeroInputs } from '../passes/inputs.ts';
import type { GraphRunner } from '../runner.ts';

/** Shape of every value of a graph with fixed inputs. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** The engine runs the graph once and says; what has no value then (an optional output) has no shape. */
export async function shapesOf(graph: Graph, runner: GraphRunner): Promise<Shapes> {
  const values = graph.nodes.flatMap((node) => node.output.filter((name) => name !== ''));
  const inputs = zeroInputs(graph);
  const loaded = await runner.load(withOutputs(graph, values), { optimization: 'none' });
  try {
    const { outputs } = await loaded.run(inputs);
    return new Map([
      ...graph.proto.initializer.map((tensor) => [tensor.name ?? '', dimsOf(tensor)] as const),
      ...[...Object.entries(inputs), ...Object.entries(outputs)].map(
        ([name, { dims }]) => [name, dims] as const,
      ),
    ]);
  } finally {
    await loaded.close();
  }
}
