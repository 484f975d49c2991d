import { withOutputs } from '../calibrate/collect.ts';
import type { Progress, SampleSet } from '../calibrate/samples.ts';
import type { Graph } from '../onnx/graph.ts';
import { cloneGraph } from '../onnx/load.ts';
import { dimsOf, floatData, floatTensor } from '../onnx/tensor.ts';
import type { NodeProto } from '../onnx/types.ts';
import type { GraphRunner, RunTensor } from '../runner.ts';
import type { ChannelMap } from './channels.ts';
import { gramProduct } from './gram.ts';
import { solveRidge } from './least-squares.ts';
import {
  groupsOf,
  outputRows,
  type Position,
  patchRows,
  spreadPositions,
  type Window,
  windowOf,
} from './patches.ts';
import { Relay } from './relay.ts';
import type { Unit } from './units.ts';

export interface RefitOptions {
  /** Pictures that are looked at. */
  readonly pictures: number;
  /** Share of the mean diagonal that is added to it: how strongly the weights are held where they are. */
  readonly ridge: number;
  /** Layers whose patches have more values than this stay as they are: the solve grows with its cube. */
  readonly largestPatch: number;
}

export const defaultRefitOptions: RefitOptions = { pictures: 64, ridge: 1e-4, largestPatch: 1536 };

/** Rows of the least squares per value of a patch: with few, the weights learn the sample by heart. */
const rowsPerWeight = 12;
const leastRows = 8192;

/**
 * Least-squares refit after pruning (He, Zhang and Sun, "Channel Pruning for Accelerating Very Deep Neural Networks",
 * ICCV 2017): in graph order each convolution that lost inputs gets the weights with which it comes nearest to what
 * the original computed, given what the pruned layers before it deliver now. Returns a new graph.
 */
export async function refit(
  original: Graph,
  map: ChannelMap,
  gone: ReadonlySet<Unit>,
  pruned: Graph,
  runner: GraphRunner,
  samples: SampleSet,
  progress: Progress,
  options: RefitOptions = defaultRefitOptions,
): Promise<Graph> {
  const result = cloneGraph(pruned);
  const pictures = Math.min(samples.count, options.pictures);
  const jobs = result.nodes.flatMap((node) => {
    const job = losesInput(map, gone, node) ? jobOf(result, node, map, gone, pictures, options) : undefined;
    return job === undefined ? [] : [job];
  });
  const targets = await runner.load(
    withOutputs(
      original,
      jobs.map(({ output }) => output),
    ),
    { optimization: 'none' },
  );
  try {
    for (let i = 0; i < pictures; i += 1) {
      progress('refitting', i, pictures + jobs.length);
      const { outputs } = await targets.run(await samples.input(i));
      for (const job of jobs) lookAtTarget(job, outputs[job.output], i);
    }
  } finally {
    await targets.close();
  }
  const relay = new Relay(result, runner, samples, pictures);
  for (const [at, job] of jobs.entries()) {
    progress('refitting', pictures + at, pictures + jobs.length);
    await refitLayer(result, job, relay, runner, options);
  }
  progress('refitting', pictures + jobs.length, pictures + jobs.length);
  return result;
}

/** A layer to refit, and what the original computed at some positions of each picture. */
interface Job {
  readonly conv: NodeProto;
  readonly output: string;
  readonly window: Window;
  readonly dims: readonly number[];
  readonly values: Float32Array;
  /** Channels of the original that the pruned layer still computes. */
  readonly channels: readonly number[];
  readonly perPicture: number;
  readonly positions: (readonly Position[])[];
  readonly wanted: Float32Array[];
}

function jobOf(
  graph: Graph,
  conv: NodeProto,
  map: ChannelMap,
  gone: ReadonlySet<Unit>,
  pictures: number,
  options: RefitOptions,
): Job | undefined {
  const output = conv.output[0] ?? '';
  const weight = graph.initializer(conv.input[1] ?? '');
  const window = windowOf(conv, [Number(weight?.dims[2] ?? 1n), Number(weight?.dims[3] ?? 1n)]);
  const units = map.of(output);
  if (weight === undefined || window === undefined || units === undefined) return undefined;
  const dims = dimsOf(weight);
  const values = floatData(weight);
  const size = values.length / (dims[0] ?? 1);
  if (dims.length !== 4 || groupsOf(conv) !== 1 || size > options.largestPatch) return undefined;
  return {
    conv,
    output,
    window,
    dims,
    values,
    channels: units.flatMap((unit, c) => (gone.has(unit) ? [] : [c])),
    perPicture: Math.ceil(Math.max(leastRows, rowsPerWeight * size) / pictures),
    positions: [],
    wanted: [],
  };
}

function lookAtTarget(job: Job, target: RunTensor | undefined, picture: number): void {
  if (!(target?.data instanceof Float32Array) || target.dims.length !== 4) return;
  const [, , height = 1, width = 1] = target.dims;
  const positions = spreadPositions(height, width, job.perPicture, picture * job.perPicture);
  job.positions.push(positions);
  job.wanted.push(outputRows(target, positions, job.channels));
}

function losesInput(map: ChannelMap, gone: ReadonlySet<Unit>, node: NodeProto): boolean {
  return node.opType === 'Conv' && (map.of(node.input[0] ?? '')?.some((unit) => gone.has(unit)) ?? false);
}

async function refitLayer(
  graph: Graph,
  { conv, window, dims, values, positions, wanted }: Job,
  relay: Relay,
  runner: GraphRunner,
  options: RefitOptions,
): Promise<void> {
  const [input = '', weightName = '', biasName = ''] = conv.input;
  const [outputs = 1, inputs = 1] = dims;
  const size = values.length / outputs;
  const bias = graph.initializer(biasName);
  const oldBias = bias === undefined ? new Float32Array(outputs) : floatData(bias);
  const patches: Float32Array[] = [];
  await relay.advance(input, (given, picture) => {
    const at = positions[picture];
    if (at !== undefined) patches.push(patchRows(given, window, at, 0, inputs));
  });
  if (patches.length === 0 || patches.length !== wanted.length) return;
  const rows = joined(patches);
  const rests = joined(wanted);
  const count = rests.length / outputs;
  // What the present weights leave over: the ridge then pulls towards them and not towards zero.
  const current = new Float32Array((size + 1) * outputs);
  for (let o = 0; o < outputs; o += 1) {
    for (let k = 0; k < size; k += 1) current[k * outputs + o] = values[o * size + k]!;
    current[size * outputs + o] = oldBias[o]!;
  }
  const { gram, right } = await gramProduct(runner, rows, rests, current, count, size + 1, outputs);
  if (!solveRidge(gram, right, size + 1, outputs, options.ridge)) return;
  for (let o = 0; o < outputs; o += 1) {
    for (let k = 0; k < size; k += 1) values[o * size + k]! += right[k * outputs + o]!;
    oldBias[o]! += right[size * outputs + o]!;
  }
  const fitted = graph.fresh(`${weightName}_refit`);
  graph.setInitializer(floatTensor(fitted, dims, values));
  const fittedBias = graph.fresh(`${fitted}_bias`);
  graph.setInitializer(floatTensor(fittedBias, [outputs], oldBias));
  conv.input = [input, fitted, fittedBias];
  const read = new Set(graph.nodes.flatMap((node) => node.input));
  graph.proto.initializer = graph.proto.initializer.filter((tensor) => read.has(tensor.name ?? ''));
  graph.changed();
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
