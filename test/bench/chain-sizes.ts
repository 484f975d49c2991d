/**
 * `node --import tsx test/bench/chain-sizes.ts [--size 320x192] [--ratio 0.51] [--rounds 12]`: what each link of models/street/chain.sh brings in
 * speed, on nets of its structure without training (models/street/untrained.py): the wide base, the base in INT8 alone, pruned, and
 * both; in npm's and Python's runtime, one thread, CPU time, in turns in one run. Says nothing of accuracy.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { OnnxruntimeGraphRunner } from '../../src/adapters/graph-runner/index.ts';
import { collectStatistics } from '../../src/optimize/calibrate/collect.ts';
import { loadModel, saveModel } from '../../src/optimize/index.ts';
import type { Graph } from '../../src/optimize/onnx/graph.ts';
import { sizeOf } from '../../src/optimize/onnx/tensor.ts';
import { requireStaticInputs } from '../../src/optimize/passes/inputs.ts';
import { prepareGraph } from '../../src/optimize/passes/prepare.ts';
import { pruneGraph } from '../../src/optimize/prune/prune.ts';
import { defaultPruneOptions } from '../../src/optimize/prune/select.ts';
import { writeQdq } from '../../src/optimize/quantize/qdq.ts';
import { calibratedValues, SchemeBuilder, schemeOptions } from '../../src/optimize/quantize/scheme.ts';
import { widenStem } from '../../src/optimize/quantize/wide-stem.ts';
import { floats, seeded } from '../unit/optimize/graphs.ts';
import { python, startPython } from './peers/python.ts';

const { values: options } = parseArgs({
  options: {
    size: { type: 'string', default: '320x192' },
    ratio: { type: 'string', default: '0.51' },
    rounds: { type: 'string', default: '12' },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const runner = new OnnxruntimeGraphRunner();
const peer = startPython();
const folder = mkdtempSync(join(tmpdir(), 'goshawk-chain-sizes-'));
const at = (name: string) => join(folder, name);

execFileSync(python, ['models/street/untrained.py', '--size', options.size, '--out', at('base.onnx')], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const base = loadModel(readFileSync(at('base.onnx')));
await prepareGraph(base, runner);
const [{ name, dims } = { name: '', dims: [] }] = requireStaticInputs(base);
const data = floats(sizeOf(dims), seeded(7)).map((value) => (value + 1) / 2);
const samples = { name: 'noise', count: 2, input: async () => ({ [name]: { dataType: 1, dims, data } }) };

async function int8(graph: Graph): Promise<Graph> {
  const values = calibratedValues(graph, ['qdq-u8']);
  const statistics = await collectStatistics(graph, runner, samples, values, () => {});
  const builder = new SchemeBuilder(graph, statistics, schemeOptions('qdq-u8'));
  const quantized = writeQdq(graph, builder.build(new Set(builder.layers.map(({ id }) => id))));
  widenStem(quantized);
  return quantized;
}

const { graph: lean } = await pruneGraph(
  base,
  {
    options: { ...defaultPruneOptions, ratio: Number(options.ratio) },
    importance: 'l1',
    rounds: 1,
    refit: false,
  },
  runner,
  samples,
  () => {},
);
const nets = { base, 'base, INT8 alone': await int8(base), pruned: lean, 'pruned, INT8': await int8(lean) };
const files = Object.entries(nets).map(([title, graph], i) => {
  const model = saveModel(graph);
  writeFileSync(at(`${i}.onnx`), model);
  return { title, model, path: at(`${i}.onnx`) };
});
writeFileSync(at('input.bin'), data);
const sessions = await Promise.all(
  files.map(({ path }) =>
    InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 }),
  ),
);

async function inNode(index: number): Promise<number> {
  const feeds = { [name]: new Tensor('float32', data, dims) };
  const begin = process.cpuUsage();
  await sessions[index]?.run(feeds);
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}

const rounds = files.map(() => ({ npm: [] as number[], python: [] as number[] }));
for (let round = 0; round < Number(options.rounds); round += 1) {
  for (const [index, { path }] of files.entries()) {
    const times: number[] = [];
    for (let i = 0; i < 5; i += 1) times.push(await inNode(index));
    rounds[index]?.npm.push(Math.min(...times));
    const run = { stage: 'network', way: 'usual', clock: 'cpu', model: path, input: at('input.bin') };
    rounds[index]?.python.push(Math.min(...(await peer.times(run, 5))));
  }
}
const middle = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
say(`| ${options.size} | MB | npm, ms | times | Python, ms | times |`);
say('|---|---|---|---|---|---|');
for (const [index, { title, model }] of files.entries()) {
  const cells = (['npm', 'python'] as const).flatMap((runtime) => {
    const ms = middle(rounds[index]?.[runtime] ?? []);
    return [ms.toFixed(2), (middle(rounds[0]?.[runtime] ?? []) / ms).toFixed(2)];
  });
  say(`| ${title} | ${[(model.length / 1e6).toFixed(2), ...cells].join(' | ')} |`);
}
for (const session of sessions) await session.release();
await runner.close();
peer.close();
rmSync(folder, { recursive: true, force: true });
