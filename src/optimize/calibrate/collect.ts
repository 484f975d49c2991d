import { InputError } from '../../base/index.ts';
import type { Graph } from '../onnx/graph.ts';
import { cloneGraph, saveModel } from '../onnx/load.ts';
import type { GraphRunner } from '../runner.ts';
import { Histogram } from './histogram.ts';
import type { Progress, SampleSet } from './samples.ts';

/** Statistics of one value of the float model over the calibration pictures. */
export interface ValueStatistics {
  readonly histogram: Histogram;
  /** Mean per channel (axis 1), for values of rank 4; else empty. */
  readonly channelMeans: Float64Array;
}

/** Runs the float model on every picture and looks at `values`. One picture is in memory at a time. */
export async function collectStatistics(
  graph: Graph,
  runner: GraphRunner,
  samples: SampleSet,
  values: readonly string[],
  progress: Progress,
): Promise<Map<string, ValueStatistics>> {
  if (samples.count === 0) {
    throw new InputError(
      'calibration-empty',
      `The calibration set ${samples.name} holds no picture.`,
      'Give a folder with pictures from where the model will run; 64 are a good start.',
    );
  }
  const fed = new Set(graph.inputs().map((input) => input.name ?? ''));
  const loaded = await runner.load(withOutputs(graph, values), { optimization: 'none' });
  const statistics = new Map<string, { histogram: Histogram; channelMeans: Float64Array }>();
  try {
    for (let i = 0; i < samples.count; i += 1) {
      progress('calibrating', i, samples.count);
      const input = await samples.input(i);
      const { outputs } = await loaded.run(input);
      for (const name of values) {
        const tensor = fed.has(name) ? input[name] : outputs[name];
        if (tensor === undefined || !(tensor.data instanceof Float32Array)) continue;
        const found = statistics.get(name) ?? {
          histogram: new Histogram(),
          channelMeans: new Float64Array(0),
        };
        found.histogram.add(tensor.data);
        found.channelMeans = addMeans(found.channelMeans, tensor.dims, tensor.data, samples.count);
        statistics.set(name, found);
      }
    }
  } finally {
    await loaded.close();
  }
  progress('calibrating', samples.count, samples.count);
  for (const [name, { histogram }] of statistics) refuseNotFinite(name, histogram);
  return statistics;
}

/** The model with further values as outputs. */
export function withOutputs(graph: Graph, values: readonly string[]): Uint8Array {
  const copy = cloneGraph(graph);
  const present = new Set([
    ...copy.proto.output.map((output) => output.name),
    ...copy.inputs().map((input) => input.name),
  ]);
  for (const name of values) {
    if (!present.has(name)) copy.proto.output.push({ name });
  }
  return saveModel(copy);
}

function addMeans(
  means: Float64Array,
  dims: readonly number[],
  data: Float32Array,
  pictures: number,
): Float64Array {
  if (dims.length !== 4) return means;
  const channels = dims[1] ?? 0;
  const area = (dims[2] ?? 0) * (dims[3] ?? 0);
  const sums = means.length === channels ? means : new Float64Array(channels);
  for (let c = 0; c < channels; c += 1) {
    let sum = 0;
    for (let i = c * area; i < (c + 1) * area; i += 1) sum += data[i]!;
    sums[c]! += sum / (area * pictures);
  }
  return sums;
}

function refuseNotFinite(name: string, { min, max }: Histogram): void {
  if (Number.isFinite(min) && Number.isFinite(max)) return;
  throw new InputError(
    'calibration-not-finite',
    `The value ${name} is not a finite number on the calibration pictures.`,
    'Check the scaling of the input (--scale, --mean, --std) and the model itself.',
  );
}
