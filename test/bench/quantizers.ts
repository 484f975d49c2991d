/**
 * `node --import tsx test/bench/quantizers.ts MODEL:DECODER... [--pictures 32] [--evaluation 64] [--out rows.jsonl]`: our INT8 files beside
 * those of `onnxruntime.quantization`, from the same prepared network, calibrated on the same pictures and judged by the same code:
 * what they lose with its paired bootstrap interval, size, speed in npm's and Python's runtime (CPU time, interleaved),
 * CPU seconds to make them. `qdq-s8` is judged by simulation in ONNX Runtime, and its speed there says nothing.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { OnnxruntimeGraphRunner } from '../../src/adapters/graph-runner/index.ts';
import { noCheckpoints } from '../../src/optimize/chain/checkpoints.ts';
import { quantizeStep } from '../../src/optimize/chain/quantize-step.ts';
import {
  measureAccuracy,
  type ResampledScore,
  type ScoredSet,
} from '../../src/optimize/evaluate/accuracy.ts';
import { lossInterval } from '../../src/optimize/evaluate/interval.ts';
import { type ChainSettings, loadModel, saveModel } from '../../src/optimize/index.ts';
import type { Graph } from '../../src/optimize/onnx/graph.ts';
import { prepareGraph } from '../../src/optimize/passes/prepare.ts';
import { detectionTail } from '../../src/optimize/quantize/layers.ts';
import { agreementSet, judgedSet } from '../../src/workbench/optimize/accuracy-scorer.ts';
import type { OptimizeOptions } from '../../src/workbench/optimize/options.ts';
import { PictureSet } from '../../src/workbench/optimize/pictures.ts';
import { readSource } from '../../src/workbench/optimize/source.ts';
import type { LinePeer } from './peers/line-peer.ts';
import { python, script, startPython } from './peers/python.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pictures: { type: 'string', default: '32' },
    evaluation: { type: 'string', default: '64' },
    data: { type: 'string', default: '../shared/data' },
    labels: { type: 'string' },
    /** Instead of the one that is chosen. */
    method: { type: 'string', default: 'auto' },
    rounds: { type: 'string', default: '9' },
    /** How many ways of theirs. */
    ways: { type: 'string', default: '4' },
    out: { type: 'string' },
  },
});
const labels = options.labels ?? join(options.data, 'models/coco80.txt');
const folder = mkdtempSync(join(tmpdir(), 'goshawk-quantizers-'));
const runner = new OnnxruntimeGraphRunner();
const peer = startPython();

const settings: ChainSettings = {
  prune: undefined,
  method: options.method as ChainSettings['method'],
  variants: ['qdq-u8', 'qdq-s8'],
  maxDrop: 0.01,
  weightLimit: 127,
  searchMs: 600_000,
  latencyRounds: 1,
  force: false,
};

interface Network {
  readonly graph: Graph;
  readonly input: string;
  readonly calibration: ScoredSet;
  readonly agreement: ScoredSet;
  readonly evaluation: ScoredSet;
}

interface Made {
  readonly name: string;
  readonly model: Uint8Array;
  /** To make it; absent for the float network. */
  readonly cpuSeconds?: number;
  readonly about: string;
}

async function open(file: string, decoder: string): Promise<Network> {
  const source = await readSource(file, { decoder, labels } as OptimizeOptions);
  const { contracts } = source;
  const pictures = (name: string, limit: string) =>
    PictureSet.open(join(options.data, name), contracts.input, { limit: Number(limit) });
  const set = async (name: string, limit: string, draws: number) =>
    judgedSet(await pictures(name, limit), contracts, source.labels, { draws });
  const graph = loadModel(source.bytes);
  await prepareGraph(graph, runner);
  const seen = await pictures('coco-calibration', options.pictures);
  const float = await runner.load(saveModel(graph));
  const floatOutputs = async (at: number) => (await float.run(await seen.input(at))).outputs;
  const agreement = await agreementSet(seen, contracts, source.labels, floatOutputs);
  await float.close();
  const calibration = await set('coco-calibration', options.pictures, 200);
  return {
    graph,
    input: contracts.input.tensor,
    agreement: agreement ?? calibration,
    calibration,
    evaluation: await set('coco-evaluation', options.evaluation, 200),
  };
}

/** Each form alone, so that each has its own CPU seconds. */
async function ours({ graph, calibration, agreement }: Network): Promise<Made[]> {
  const made: Made[] = [];
  for (const form of ['qdq-u8', 'qdq-s8'] as const) {
    const begin = process.cpuUsage();
    const ports = {
      calibration,
      agreement,
      runner,
      store: noCheckpoints,
      progress() {},
      now: () => performance.now(),
    };
    const { models, reports } = await quantizeStep(graph, ports, { ...settings, variants: [form] });
    const { user, system } = process.cpuUsage(begin);
    const [report] = reports;
    const model = models.get(form);
    if (report === undefined || model === undefined) throw new RangeError(`no ${form}`);
    const { weighted = 0, int8 = 0, fp32 = {} } = report.tensorrt ?? {};
    const fused =
      report.tensorrt && `; ${int8} of ${weighted} weighted fuse, FP32: ${Object.keys(fp32).length}`;
    const agreements = Object.entries(report.methods).map(([name, map]) => `${name} ${map.toFixed(3)}`);
    const compared = agreements.length === 0 ? '' : ` (agreement: ${agreements.join(', ')})`;
    const about = `${report.method}${compared}, ${report.float.length} of ${report.layers} layers in float, ${report.trials} trials${fused ?? ''}`;
    made.push({ name: `goshawk ${form}`, model, cpuSeconds: (user + system) / 1e6, about });
  }
  return made;
}

/** [pictures, 3, height, width] as numpy reads it. */
async function writeInputs({ calibration, input }: Network): Promise<string> {
  const path = join(folder, 'inputs.npy');
  const parts: Buffer[] = [];
  let dims: readonly number[] = [];
  for (let i = 0; i < calibration.samples.count; i += 1) {
    const tensor = (await calibration.samples.input(i))[input];
    if (!(tensor?.data instanceof Float32Array)) throw new RangeError('no float32 input');
    dims = [calibration.samples.count, ...tensor.dims.slice(1)];
    parts.push(Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength));
  }
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dims.join(', ')}), }`;
  const header = `${text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11)}\n`;
  const start = Buffer.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    header.length & 0xff,
    header.length >> 8,
  ]);
  writeFileSync(path, Buffer.concat([start, Buffer.from(header), ...parts]));
  return path;
}

async function theirs(network: Network): Promise<Made[]> {
  const inputs = await writeInputs(network);
  const float = join(folder, 'float.onnx');
  writeFileSync(float, saveModel(network.graph));
  const tail = JSON.stringify([...detectionTail(network.graph)].map(({ name }) => name));
  const ways = [
    ['min-max', 'asymmetric', tail],
    ['percentile', 'asymmetric', tail],
    ['min-max', 'symmetric', tail],
    ['min-max', 'asymmetric', '[]'],
  ] as const;
  return ways.slice(0, Number(options.ways)).flatMap(([method, symmetric, excluded]) => {
    const name = `onnxruntime.quantization ${method} ${symmetric}${excluded === '[]' ? ', every node' : ''}`;
    const target = join(folder, 'theirs.onnx');
    const args = [script('quantize.py'), float, inputs, network.input, target, method, symmetric, excluded];
    const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
    if (status !== 0) {
      console.log(`${name} failed: ${stderr.trim().split('\n').at(-1)}`);
      return [];
    }
    const said = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { cpu: number; rssMb: number };
    const model = new Uint8Array(readFileSync(target));
    return [{ name, model, cpuSeconds: said.cpu, about: `${said.rssMb.toFixed(0)} MB resident` }];
  });
}

/** Milliseconds of CPU time per model, interleaved: the fastest of each round, then the median of the rounds. */
async function speeds(models: readonly Made[], times: (model: string, at: number) => Promise<number[]>) {
  const files = models.map(({ model }, i) => {
    const path = join(folder, `speed-${i}.onnx`);
    writeFileSync(path, model);
    return path;
  });
  const rounds = files.map((): number[] => []);
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const [at, file] of files.entries()) rounds[at]?.push(Math.min(...(await times(file, at))));
  }
  return rounds.map((list) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN);
}

async function nodeTimes(network: Network, models: readonly Made[]): Promise<number[]> {
  const tensor = (await network.evaluation.samples.input(0))[network.input]!;
  const feeds = { [network.input]: new Tensor('float32', tensor.data as Float32Array, tensor.dims) };
  const sessions: InferenceSession[] = [];
  for (const { model } of models) {
    const threads = { intraOpNumThreads: 1, interOpNumThreads: 1 };
    sessions.push(await InferenceSession.create(model, { ...threads, logSeverityLevel: 4 }));
  }
  const found = await speeds(models, async (_, at) => {
    const list: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const begin = process.cpuUsage();
      await sessions[at]?.run(feeds);
      const { user, system } = process.cpuUsage(begin);
      list.push((user + system) / 1000);
    }
    return list;
  });
  for (const session of sessions) await session.release();
  return found;
}

async function pythonTimes(network: Network, models: readonly Made[], python: LinePeer): Promise<number[]> {
  const tensor = (await network.evaluation.samples.input(0))[network.input]!;
  const input = join(folder, 'input.bin');
  writeFileSync(input, tensor.data as Float32Array);
  return speeds(models, (model) =>
    python.times({ stage: 'network', way: 'usual', clock: 'cpu', model, input }, 5),
  );
}

function lost(float: ResampledScore, score: ResampledScore): string {
  const { low, high } = lossInterval(float.resampled, score.resampled) ?? {
    low: Number.NaN,
    high: Number.NaN,
  };
  const points = (value: number) => (value * 100).toFixed(2);
  return `${points(float.value - score.value)} (${points(low)} to ${points(high)})`;
}

try {
  for (const argument of positionals) {
    const [file = '', decoder = ''] = argument.split(':');
    const network = await open(file, decoder);
    const float = saveModel(network.graph);
    const models: Made[] = [
      { name: 'float', model: float, about: '' },
      ...(await ours(network)),
      ...(await theirs(network)),
    ];
    // Python's older runtime does not read opset 19 with halves as scales.
    const comparable = models.filter(({ name }) => !name.endsWith('qdq-s8'));
    const inNode = await nodeTimes(network, comparable);
    const inPython = await pythonTimes(network, comparable, peer).catch(() => []);
    const reference = await measureAccuracy(float, runner, network.evaluation);
    console.log(
      `\n${basename(file)}: mAP ${(reference.value * 100).toFixed(2)} on ${network.evaluation.samples.count} pictures`,
    );
    console.log('| | lost mAP (95 %) | MB | npm | Python | CPU s | |\n|---|---|---|---|---|---|---|');
    for (const { name, model, cpuSeconds, about } of models) {
      const score = await measureAccuracy(model, runner, network.evaluation);
      const at = comparable.findIndex((item) => item.name === name);
      const times = (list: readonly number[]) =>
        at < 0 || list.length === 0 ? '' : (list[0]! / list[at]!).toFixed(2);
      const cells = [
        name,
        lost(reference, score),
        (model.length / 1e6).toFixed(2),
        times(inNode),
        times(inPython),
      ];
      const row = `| ${[...cells, cpuSeconds?.toFixed(0) ?? '', about].join(' | ')} |`;
      console.log(row);
      if (options.out !== undefined) appendFileSync(options.out, `${basename(file)} ${row}\n`);
    }
  }
} finally {
  peer.close();
  await runner.close();
  rmSync(folder, { recursive: true, force: true });
}
