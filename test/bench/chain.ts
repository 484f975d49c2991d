/**
 * `node --import tsx test/bench/chain.ts --base base.onnx --bundle bundle/ [--clock wall] [--rounds N] [--json]`: an optimized variant
 * beside the float base that it was made from, in turns in one run, one thread each: the base through Python's ONNX
 * Runtime as users run it, the base and the variant in our own engines. Accuracy is what `model optimize --base` measured;
 * the bundle must name the base by its digest. Exit status 0 also where a bound is missed: the table says so.
 *
 * Times are CPU time of the process (`--clock cpu`, the default): on a machine that others use as well, a scheduler
 * interrupts a run of 15 ms almost always and one of 1.5 ms hardly ever, and the wall clock then says 20 times where it
 * is 8. `--clock wall` is for a machine that does nothing else.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { digestOf, readBundle } from '../../src/adapters/filesystem/index.ts';
import { describeError, silentLog } from '../../src/base/index.ts';
import { type Bundle, fileIn, type Manifest, type VariantKind } from '../../src/model/index.ts';
import { type Detector, defaultDetectionSettings, Letterboxer } from '../../src/perception/index.ts';
import { createDetector } from '../../src/runtime/engines/detectors.ts';
import { type Candidate, judge, measure, type Verdict } from './measure.ts';
import { probePython, startPython } from './peers/python.ts';
import { frameOf } from './stages/pictures.ts';
import { describeStage } from './table.ts';

const pythonBase = 'Python, base fp32';
const { values: options } = parseArgs({
  options: {
    base: { type: 'string' },
    bundle: { type: 'string' },
    variant: { type: 'string', default: 'qdq-u8' },
    clock: { type: 'string', default: 'cpu' },
    rounds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});
if (options.base === undefined || options.bundle === undefined) {
  throw new Error('Give --base base.onnx and --bundle bundle/.');
}
const base = resolve(options.base);
const bundle = await readBundle(options.bundle, 'digests');
const { manifest } = bundle;
const variant = manifest.variants.find(({ kind }) => kind === options.variant);
if (variant === undefined) throw new Error(`The bundle has no variant ${options.variant}.`);
const { baseDigest, baseMap } = manifest.provenance.optimization ?? {};
if (baseDigest !== digestOf(readFileSync(base))) {
  throw new Error(`${basename(base)} is not the base of this bundle: its digest is another one.`);
}

/** The base as a bundle of one variant, so that our engines run it as they run any other. */
function baseBundle(): Bundle {
  const file = { path: basename(base), digest: String(baseDigest), size: statSync(base).size };
  const alone: Manifest = { ...manifest, variants: [{ kind: 'fp32', file }] };
  return { digest: bundle.digest, location: dirname(base), manifest: alone };
}

const picture = new Uint8Array(manifest.input.width * manifest.input.height * 3).map(
  (_, index) => (index * 31) % 256,
);
const frame = frameOf(picture, manifest.input.width, manifest.input.height);
const folder = await mkdtemp(join(tmpdir(), 'goshawk-chain-'));
const tensorFile = join(folder, 'input.bin');
const letterboxer = new Letterboxer(manifest.input);
const tensor = letterboxer.allocate();
letterboxer.run({ ...frame, data: picture }, tensor);
writeFileSync(tensorFile, tensor);

const detectors: Detector[] = [];
const sessions: InferenceSession[] = [];
const notes: string[] = [];
const onCpu = options.clock === 'cpu';

/** Milliseconds since any moment, of the clock that was asked for. */
function now(): number {
  if (!onCpu) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function candidate(name: string, once: () => Promise<unknown>): Candidate {
  return {
    name,
    ours: true,
    async run(iterations) {
      const times: number[] = [];
      for (let index = 0; index < iterations; index++) {
        const begin = now();
        await once();
        times.push(now() - begin);
      }
      return times;
    },
  };
}

/** The network alone. */
async function network(name: string, model: string): Promise<Candidate> {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
  });
  sessions.push(session);
  const { input } = manifest;
  const feeds = { [input.tensor]: new Tensor('float32', tensor, [1, 3, input.height, input.width]) };
  return candidate(name, () => session.run(feeds));
}

/** A frame to detections: letterbox, network, decoding, NMS. */
async function frames(name: string, of: Bundle, kind: VariantKind): Promise<Candidate | undefined> {
  try {
    const { detector } = await createDetector(of, { engine: 'onnxruntime', log: silentLog, variant: kind });
    detectors.push(detector);
    return candidate(name, () => detector.detect(frame, defaultDetectionSettings));
  } catch (error) {
    notes.push(`absent: ${name} (${describeError(error)})`);
    return undefined;
  }
}

const versions = probePython();
if (typeof versions === 'string') throw new Error(versions);
const python = startPython();
const pythonRun = (name: string, model: string): Candidate => ({
  name,
  ours: false,
  run: (iterations) =>
    python.times(
      { stage: 'network', way: 'usual', clock: options.clock, model, input: tensorFile },
      iterations,
    ),
});

try {
  const { kind } = variant;
  const loadBefore = loadavg().map((value) => value.toFixed(2));
  const model = fileIn(bundle, variant.file);
  const whole = [
    await frames('whole frame, native, base fp32', baseBundle(), 'fp32'),
    await frames(`whole frame, native, ${kind}`, bundle, kind),
  ].filter((item) => item !== undefined);
  const report = await measure(
    {
      name: 'chain',
      iterations: 10,
      candidates: [
        pythonRun(pythonBase, base),
        pythonRun(`Python, ${kind}`, model),
        await network('ours, base fp32', base),
        await network(`ours, ${kind}`, model),
        ...whole,
      ],
      bounds: [
        { ours: `ours, ${kind}`, peer: pythonBase, timesFaster: 8 },
        { ours: `whole frame, native, ${kind}`, peer: pythonBase, timesFaster: 8 },
      ],
    },
    Number(options.rounds),
    (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[2K${text}`),
  );
  const numberOf = (name: string, key: string) =>
    report.rows.find((row) => row.name === name)?.values[key] ?? Number.NaN;
  const own = (what: string) =>
    (numberOf(`${what}, base fp32`, 'fastestMs') / numberOf(`${what}, ${kind}`, 'fastestMs')).toFixed(2);
  notes.push(
    `against fp32 in our own engine: the network ${own('ours')} times, whole frames ${own('whole frame, native')} times`,
  );
  notes.push(onCpu ? 'milliseconds of CPU time' : 'milliseconds of the wall clock');
  const perFrame = numberOf(`whole frame, native, ${kind}`, 'medianMs');
  const verdicts: Verdict[] = [
    ...report.verdicts,
    judge('bytes saved', [100 * (1 - variant.file.size / statSync(base).size)], 'at least', 75, '%'),
    judge(
      'accuracy lost',
      [100 * (Number(baseMap) - (variant.accuracy?.map ?? Number.NaN))],
      'at most',
      1,
      'mAP',
    ),
    judge('whole frames per core (median)', [1000 / perFrame], 'at least', 30, 'frames/s'),
  ];
  const result = { ...report, verdicts, notes: [...report.notes, ...notes] };
  const machine = { cpu: cpus()[0]?.model.trim(), cores: cpus().length, peers: versions, loadBefore };
  const about = `${manifest.name} ${manifest.version}, ${kind}, beside its base; one thread, load ${loadBefore.join(' ')}`;
  console.log(options.json ? JSON.stringify({ machine, ...result }) : describeStage(result, about));
} finally {
  python.close();
  for (const detector of detectors) await detector.close();
  for (const session of sessions) await session.release();
  await rm(folder, { recursive: true, force: true });
}
