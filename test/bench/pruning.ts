/**
 * `node --import tsx test/bench/pruning.ts MODEL.onnx [--ratio 0.5] [--bind NAME=1,2:320,320] [--write DIR]`: what can be pruned of real networks,
 * and whether a pruned one computes what the whole one computes with the same channels read as zero. Weights are not refitted.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { OnnxruntimeGraphRunner } from '../../src/adapters/graph-runner/index.ts';
import { withOutputs } from '../../src/optimize/calibrate/collect.ts';
import { measureLatency } from '../../src/optimize/evaluate/latency.ts';
import { loadModel, type RunTensors, saveModel } from '../../src/optimize/index.ts';
import type { Graph } from '../../src/optimize/onnx/graph.ts';
import { int64Tensor, sizeOf } from '../../src/optimize/onnx/tensor.ts';
import { bindInput, requireStaticInputs } from '../../src/optimize/passes/inputs.ts';
import { prepareGraph } from '../../src/optimize/passes/prepare.ts';
import { removeUnits } from '../../src/optimize/prune/apply.ts';
import { findBlocks, scoreUnits } from '../../src/optimize/prune/blocks.ts';
import { ChannelMap } from '../../src/optimize/prune/channels.ts';
import { weightedLayer } from '../../src/optimize/prune/layers.ts';
import { selectUnits } from '../../src/optimize/prune/select.ts';
import { shapesOf } from '../../src/optimize/prune/shapes.ts';
import { gatherShuffles } from '../../src/optimize/prune/shuffles.ts';
import { withZeroed } from '../integration/optimize/zeroed.ts';
import { floats, seeded } from '../unit/optimize/graphs.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ratio: { type: 'string', default: '0.5' },
    bind: { type: 'string', default: '' },
    write: { type: 'string' },
    reasons: { type: 'boolean', default: false },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const percent = (part: number) => `${(100 * part).toFixed(0)} %`;
const runner = new OnnxruntimeGraphRunner();

/** Share of the written channels that can go. */
function prunable(graph: Graph, map: ChannelMap): number {
  let [all, free] = [0, 0];
  for (const node of graph.nodes) {
    const layer = weightedLayer(graph, node);
    if (layer === undefined) continue;
    all += Number(layer.weight.dims[layer.outputAxis] ?? 0n);
    const units = map.of(node.output[0] ?? '', layer.channelAxis) ?? [];
    free += units.filter((unit) => map.reason(unit) === undefined).length;
  }
  return free / all;
}

/**
 * Outputs, and what every layer writes that keeps its width. Behind a TopK the outputs are sorted: scores that are equal but for
 * rounding change places.
 */
async function outputs(graph: Graph, values: readonly string[], input: RunTensors) {
  const loaded = await runner.load(withOutputs(graph, values), { optimization: 'none' });
  const result = await loaded.run(input);
  await loaded.close();
  const ordered = graph.nodes.some(({ opType }) => opType === 'TopK');
  return new Map(
    Object.entries(result.outputs).map(([name, { data }]) => {
      const numbers = Float64Array.from(data as never, Number);
      return [name, ordered && graph.isOutput(name) ? numbers.sort() : numbers];
    }),
  );
}

function largestDifference(a: ReadonlyMap<string, Float64Array>, b: typeof a): number {
  let worst = 0;
  for (const [name, one] of a) {
    const other = b.get(name);
    if (other?.length !== one.length) return Number.POSITIVE_INFINITY;
    const scale = one.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
    one.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - (other[i] ?? 0)) / scale);
    });
  }
  return worst;
}

say('| network | prunable channels | removed | MB | whole MB | times as fast | largest difference |');
say('|---|---|---|---|---|---|---|');
for (const file of positionals) {
  const graph = loadModel(readFileSync(file));
  const [, name, dims, list] = /^(.+)=([\d,]+):([\d,]+)$/.exec(values.bind) ?? [];
  if (name !== undefined && graph.inputs().some((input) => input.name === name))
    bindInput(
      graph,
      int64Tensor(name, (dims ?? '').split(',').map(Number), (list ?? '').split(',').map(Number)),
    );
  await prepareGraph(graph, runner);
  const whole = saveModel(graph);
  gatherShuffles(graph, await shapesOf(graph, runner));
  const map = new ChannelMap(graph, await shapesOf(graph, runner));
  const blocks = findBlocks(graph, map);
  const free = blocks.filter(({ reason }) => reason === undefined);
  const count = free.reduce((sum, { units }) => sum + units.length, 0);
  const gone = selectUnits(blocks, scoreUnits(graph, map, 'l1'), {
    ...{ ratio: Number(values.ratio), scope: 'global', multiple: 8, maxPerLayer: 0.8 },
  });
  const pruned = removeUnits(graph, map, gone);
  const model = saveModel(pruned);
  if (values.write !== undefined) writeFileSync(join(values.write, basename(file)), model);
  const input = Object.fromEntries(
    requireStaticInputs(graph).map((item) => {
      const data = floats(sizeOf(item.dims), seeded(7)).map((value) => (value + 1) / 2);
      return [item.name, { dataType: 1, dims: item.dims, data }];
    }),
  );
  const same = graph.nodes.flatMap((node) => {
    const [value = ''] = node.output;
    const axis = weightedLayer(graph, node)?.channelAxis;
    return axis === undefined || map.of(value, axis)?.some((unit) => gone.has(unit)) ? [] : [value];
  });
  const difference = largestDifference(
    await outputs(withZeroed(graph, map, gone), same, input),
    await outputs(pruned, same, input),
  );
  const [before, after] = await measureLatency([whole, model], runner, input, 20);
  const mb = (bytes: Uint8Array) => (bytes.length / 1e6).toFixed(2);
  say(
    `| ${basename(file)} | ${percent(prunable(graph, map))} | ${percent(gone.size / count)} | ${mb(model)} | ${mb(whole)} | ${((before?.p50Ms ?? 0) / (after?.p50Ms ?? 1)).toFixed(2)} | ${difference.toExponential(1)} |`,
  );
  if (values.reasons)
    for (const { name: layer, units, reason } of blocks)
      if (reason) say(`  ${units.length} ${layer}: ${reason}`);
}
await runner.close();
