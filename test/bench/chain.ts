/**
 * `node --import tsx test/bench/chain.ts --base base.onnx --bundle bundle/ [--rounds N] [--json]`: an optimized variant
 * beside the float base that it was made from, in turns in one run, one thread each: the base through Python's ONNX
 * Runtime as users run it, the base and the variant in our own engines. Accuracy is what `model optimize --base` measured;
 * the bundle must name the base by its digest. Exit status 0 also where a bound is missed: the table says so.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { digestOf, readBundle } from '../../src/adapters/filesystem/index.ts';
import { describeError, silentLog } from '../../src/base/index.ts';
import { createDetector, type EngineChoice } from '../../src/cli/detectors.ts';
import { type Bundle, fileIn, type Manifest, type VariantKind } from '../../src/model/index.ts';
import { type Detector, defaultDetectionSettings, Letterboxer } from '../../src/perception/index.ts';
import { type Candidate, judge, measure, quantile, type Verdict } from './measure.ts';
import { probePython, startPython } from './peers/python.ts';
import { frameOf } from './stages/pictures.ts';
import { describeStage } from './table.ts';

const pythonBase = 'Python, base fp32';
const { values: options } = parseArgs({
  options: {
    base: { type: 'string' },
    bundle: { type: 'string' },
    variant: { type: 'string', default: 'qdq-u8' },
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
const notes: string[] = [];
/** A frame to detections; `wholeMs` gathers all of it, the candidate's own times are those inside the network. */
async function engine(
  name: string,
  of: Bundle,
  kind: VariantKind,
  choice: EngineChoice,
): Promise<(Candidate & { readonly wholeMs: number[] }) | undefined> {
  try {
    const { detector } = await createDetector(of, { engine: choice, log: silentLog, variant: kind });
    detectors.push(detector);
    const wholeMs: number[] = [];
    return {
      name,
      ours: true,
      wholeMs,
      async run(iterations) {
        const times: number[] = [];
        for (let index = 0; index < iterations; index++) {
          const begin = performance.now();
          times.push((await detector.detect(frame, defaultDetectionSettings)).timings.inferMs);
          wholeMs.push(performance.now() - begin);
        }
        return times;
      },
    };
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
  run: (iterations) => python.times({ stage: 'network', way: 'usual', model, input: tensorFile }, iterations),
});

try {
  const { kind } = variant;
  const optimized = await engine(`native, ${kind}`, bundle, kind, 'onnxruntime');
  const ours = [
    await engine('native, base fp32', baseBundle(), 'fp32', 'onnxruntime'),
    optimized,
    await engine('onnxruntime-node, base fp32', baseBundle(), 'fp32', 'onnxruntime-node'),
    await engine(`onnxruntime-node, ${kind}`, bundle, kind, 'onnxruntime-node'),
  ].filter((candidate) => candidate !== undefined);
  const fastest = optimized === undefined ? 'onnxruntime-node' : 'native';
  const loadBefore = loadavg().map((value) => value.toFixed(2));
  const report = await measure(
    {
      name: 'chain',
      iterations: 10,
      candidates: [
        pythonRun(pythonBase, base),
        pythonRun(`Python, ${kind}`, fileIn(bundle, variant.file)),
        ...ours,
      ],
      bounds: [{ ours: `${fastest}, ${kind}`, peer: pythonBase, timesFaster: 8 }],
    },
    Number(options.rounds),
    (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[2K${text}`),
  );
  const fastestMs = (name: string) => report.rows.find((row) => row.name === name)?.values.fastestMs ?? NaN;
  for (const name of ['native', 'onnxruntime-node'].filter((each) =>
    ours.some((c) => c.name.startsWith(each)),
  )) {
    const own = fastestMs(`${name}, base fp32`) / fastestMs(`${name}, ${kind}`);
    notes.push(`against fp32 in our own engine (${name}): ${own.toFixed(2)} times`);
  }
  const running = ours.find(({ name }) => name === `${fastest}, ${kind}`);
  const framesPerSecond = 1000 / quantile(running?.wholeMs ?? [], 0.5);
  const verdicts: Verdict[] = [
    ...report.verdicts,
    judge('bytes saved', [100 * (1 - variant.file.size / statSync(base).size)], 'at least', 75, '%'),
    judge('accuracy lost', [100 * (Number(baseMap) - (variant.accuracy?.map ?? NaN))], 'at most', 1, 'mAP'),
    judge('whole frames, one thread (median)', [framesPerSecond], 'at least', 30, 'frames/s'),
  ];
  const whole = { ...report, verdicts, notes: [...report.notes, ...notes] };
  const machine = { cpu: cpus()[0]?.model.trim(), cores: cpus().length, peers: versions, loadBefore };
  const about = `${manifest.name} ${manifest.version}, ${kind}, beside its base; one thread, load ${loadBefore.join(' ')}`;
  console.log(options.json ? JSON.stringify({ machine, ...whole }) : describeStage(whole, about));
} finally {
  python.close();
  for (const detector of detectors) await detector.close();
  await rm(folder, { recursive: true, force: true });
}
