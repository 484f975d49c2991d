import { withOutputs } from '../calibrate/collect.ts';
import type { Progress, SampleSet } from '../calibrate/samples.ts';
import type { Graph } from '../onnx/graph.ts';
import type { GraphRunner } from '../runner.ts';
import type { ChannelEnergy } from './blocks.ts';

const pictures = 16;

/** Root mean square per channel of what the convolutions read. */
export async function channelEnergy(
  graph: Graph,
  runner: GraphRunner,
  samples: SampleSet,
  progress: Progress,
): Promise<ChannelEnergy> {
  const values = [
    ...new Set(graph.nodes.flatMap((node) => (node.opType === 'Conv' ? [node.input[0] ?? ''] : []))),
  ];
  const squares = new Map<string, Float64Array>();
  const loaded = await runner.load(withOutputs(graph, values), { optimization: 'none' });
  const count = Math.min(pictures, samples.count);
  try {
    for (let i = 0; i < count; i += 1) {
      progress('measuring channels', i, count);
      const { outputs } = await loaded.run(await samples.input(i));
      for (const name of values) {
        const tensor = outputs[name];
        if (tensor === undefined || tensor.dims.length !== 4 || !(tensor.data instanceof Float32Array))
          continue;
        const sums = squares.get(name) ?? new Float64Array(tensor.dims[1] ?? 0);
        const area = tensor.data.length / sums.length;
        tensor.data.forEach((value, at) => {
          sums[Math.floor(at / area)]! += (value * value) / (area * count);
        });
        squares.set(name, sums);
      }
    }
  } finally {
    await loaded.close();
  }
  return new Map([...squares].map(([name, sums]) => [name, sums.map(Math.sqrt)]));
}
