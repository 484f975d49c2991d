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
import { groupsOf, outputRows, type Position, patchRows, spreadPositions, windowOf } from './patches.ts';
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
  const affected = result.nodes.filter((node) => node.opType === 'Conv' && losesInput(map, gone, node));
  const pictures = Math.min(samples.count, options.pictures);
  const targets = await runner.load(
    withOutputs(
      original,
      affected.map((conv) => conv.output[0] ?? ''),
    ),
    { optimization: 'none' },
  );
  try {
    const wanted: Readonly<Record<string, RunTensor>>[] = [];
    for (let i = 0; i < pictures; i += 1) {
      wanted.push(thin((await targets.run(await samples.input(i))).outputs, map, gone));
    }
    for (const [at, conv] of affected.entries()) {
      progress('refitting', at, affected.length);
      await refitLayer(result, conv, wanted, runner, samples, options);
    }
  } finally {
    await targets.close();
  }
  progress('refitting', affected.length, affected.length);
  return result;
}

/** Keeps only the channels that the pruned network still computes. */
function thin(
  outputs: Readonly<Record<string, RunTensor>>,
  map: ChannelMap,
  gone: ReadonlySet<Unit>,
): Record<string, RunTensor> {
  return Object.fromEntries(
    Object.entries(outputs).flatMap(([name, tensor]) => {
      const units = map.of(name);
      const [batch = 1, , height = 1, width = 1] = tensor.dims;
      if (units === undefined || !(tensor.data instanceof Float32Array) || tensor.dims.length !== 4)
        return [];
      const data = tensor.data;
      const kept = units.flatMap((unit, c) => (gone.has(unit) ? [] : [c]));
      const area = height * width;
      const copy = new Float32Array(kept.length * area);
      kept.forEach((channel, c) => {
        copy.set(data.subarray(channel * area, (channel + 1) * area), c * area);
      });
      return [[name, { dataType: tensor.dataType, dims: [batch, kept.length, height, width], data: copy }]];
    }),
  );
}

function losesInput(map: ChannelMap, gone: ReadonlySet<Unit>, conv: NodeProto): boolean {
  return map.of(conv.input[0] ?? '')?.some((unit) => gone.has(unit)) ?? false;
}

async function refitLayer(
  graph: Graph,
  conv: NodeProto,
  wanted: readonly Readonly<Record<string, RunTensor>>[],
  runner: GraphRunner,
  samples: SampleSet,
  options: RefitOptions,
): Promise<void> {
  const [input = '', weightName = '', biasName = ''] = conv.input;
  const output = conv.output[0] ?? '';
  const weight = graph.initializer(weightName);
  const window = windowOf(conv, [Number(weight?.dims[2] ?? 1n), Number(weight?.dims[3] ?? 1n)]);
  if (weight === undefined || window === undefined || groupsOf(conv) !== 1) return;
  const dims = dimsOf(weight);
  const [outputs = 1, inputs = 1] = dims;
  const values = floatData(weight);
  const size = values.length / outputs;
  if (size > options.largestPatch) return;
  const perPicture = Math.ceil(Math.max(leastRows, rowsPerWeight * size) / wanted.length);
  const bias = graph.initializer(biasName);
  const oldBias = bias === undefined ? new Float32Array(outputs) : floatData(bias);
  const channels = Array.from({ length: outputs }, (_, c) => c);
  const parts: {
    readonly rows: Float32Array;
    readonly rests: Float32Array;
    readonly positions: readonly Position[];
  }[] = [];
  const loaded = await runner.load(withOutputs(graph, [input]), { optimization: 'none' });
  try {
    for (const [i, targets] of wanted.entries()) {
      const target = targets[output];
      const source = await samples.input(i);
      const given = source[input] ?? (await loaded.run(source)).outputs[input];
      if (target === undefined || given === undefined) return;
      const positions = spreadPositions(target.dims[2] ?? 1, target.dims[3] ?? 1, perPicture, i * perPicture);
      const rows = patchRows(given, window, positions, 0, inputs);
      parts.push({ rows, rests: outputRows(target, positions, channels), positions });
    }
  } finally {
    await loaded.close();
  }
  const rows = joined(parts.map((part) => part.rows));
  const rests = joined(parts.map((part) => part.rests));
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
