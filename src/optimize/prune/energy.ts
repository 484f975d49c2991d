import { withOutputs } from '../calibrate/collect.ts';
import type { Progress, SampleSet } from '../calibrate/samples.ts';
import type { Graph } from '../onnx/graph.ts';
import type { GraphRunner } from '../runner.ts';
import type { ChannelEnergy } from './blocks.ts';
import { strides, weightedLayer } from './layers.ts';

const pictures = 16;

/** Root mean square per channel of what the layers with weights read. */
export async function channelEnergy(
  graph: Graph,
  runner: GraphRunner,
  samples: SampleSet,
  progress: Progress,
): Promise<ChannelEnergy> {
  const axes = new Map(
    graph.nodes.flatMap((node) => {
      const layer = weightedLayer(graph, node);
      return layer === undefined ? [] : [[node.input[0] ?? '', layer.channelAxis] as const];
    }),
  );
  const values = [...axes.keys()];
  const squares = new Map<string, Float64Array>();
  const loaded = await runner.load(withOutputs(graph, values), { optimization: 'none' });
  const count = Math.min(pictures, samples.count);
  try {
    for (let i = 0; i < count; i += 1) {
      progress('measuring channels', i, count);
      const { outputs } = await loaded.run(await samples.input(i));
      for (const name of values) {
        const tensor = outputs[name];
        if (tensor === undefined || !(tensor.data instanceof Float32Array)) continue;
        const axis = axes.get(name) === 1 ? 1 : tensor.dims.length - 1;
        const { size, inner } = strides(tensor.dims, axis);
        const sums = squares.get(name) ?? new Float64Array(size);
        const area = tensor.data.length / size;
        tensor.data.forEach((value, at) => {
          sums[Math.floor(at / inner) % size]! += (value * value) / (area * count);
        });
        squares.set(name, sums);
      }
    }
  } finally {
    await loaded.close();
  }
  return new Map([...squares].map(([name, sums]) => [name, sums.map(Math.sqrt)]));
}
