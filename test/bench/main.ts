/**
 * `npm run bench -- [--json] [--only STAGE ...] [--rounds N] [--quick]`: the stages of the data plane beside OpenCV and
 * ONNX Runtime as Python and C++ users run them, in turns in one run. Every ratio stands beside its bound. Exit status
 * 0 also where a bound is missed: the table says so, and a machine under load misses some. Numbers of one's own should
 * come from a machine that does nothing else.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nativeEngines, onnxruntimeLibrary } from '../../device/native/index.ts';
import { loadNative, type NativeAddon } from '../../native/index.ts';
import { describeError } from '../../src/base/index.ts';
import { compileChildren, withLibrary } from './children/compile.ts';
import type { BenchContext, BenchStage } from './context.ts';
import type { StageReport, Verdict } from './measure.ts';
import { benchModel, realData } from './model.ts';
import { startCpp } from './peers/cpp.ts';
import { memoryKept, probePython, startPython } from './peers/python.ts';
import { agentStage } from './stages/agent.ts';
import { camerasStage } from './stages/cameras.ts';
import { isolationStage } from './stages/isolation.ts';
import { jpegStage } from './stages/jpeg.ts';
import { letterboxStage } from './stages/letterbox.ts';
import { loadStage } from './stages/load.ts';
import { networkStage } from './stages/network.ts';
import { eventLoopStage, memoryStage } from './stages/one-camera.ts';
import { frameCount, writeFrames } from './stages/pictures.ts';
import { postprocessStage } from './stages/postprocess.ts';
import { wholeStage } from './stages/whole.ts';
import { describeStage } from './table.ts';

const stages: readonly BenchStage[] = [
  letterboxStage('rgb8'),
  letterboxStage('nv12'),
  letterboxStage('yuyv'),
  jpegStage,
  postprocessStage,
  networkStage,
  isolationStage,
  wholeStage('all', 'model'),
  wholeStage('outside', 'model'),
  wholeStage('outside', '640'),
  camerasStage,
  eventLoopStage,
  agentStage,
  memoryStage,
  loadStage,
];

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '9' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function usage(): string {
  return [
    'npm run bench -- [--json] [--only STAGE ...] [--rounds N] [--quick]',
    ...stages.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`),
    '',
  ].join('\n');
}

function nativePlane(): NativeAddon | string {
  const engine = nativeEngines().find(({ engine }) => engine === 'onnxruntime');
  if (engine?.available !== true)
    return `native plane (${engine?.detail ?? 'not built'}): ${engine?.remedy ?? ''}`;
  try {
    return loadNative();
  } catch (error) {
    return `native plane (${describeError(error)})`;
  }
}

/** One line that is written over where a person watches, else a line per stage. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
}

function tally(verdicts: readonly Verdict[]): { readonly met: number; readonly missed: number } {
  const met = verdicts.filter((verdict) => verdict.met).length;
  return { met, missed: verdicts.length - met };
}

async function run(chosen: readonly BenchStage[], rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-bench-'));
  const absent: string[] = [];
  const there = <T>(peer: T | string): T | undefined => {
    if (typeof peer !== 'string') return peer;
    absent.push(peer);
    return undefined;
  };
  const versions = there(probePython());
  const python = versions === undefined ? undefined : startPython();
  const pythonKept = versions === undefined ? undefined : startPython(memoryKept);
  const cpp = there(startCpp(folder, onnxruntimeLibrary()));
  const native = there(nativePlane());
  try {
    const frames = join(folder, 'frames.bin');
    await writeFrames(frames, realData('coco-evaluation/images'), options.quick ? 2 : frameCount);
    const bundle = await benchModel();
    let child: string | undefined;
    let other: string | undefined;
    const context: BenchContext = {
      folder,
      rounds: options.quick ? 2 : rounds,
      quick: options.quick,
      python,
      pythonKept,
      cpp,
      native,
      bundle,
      frames,
      pythonLibrary: native === undefined ? undefined : (versions?.library ?? undefined),
      child: (library) => {
        child ??= compileChildren(folder);
        if (library === undefined) return child;
        other ??= withLibrary(child, folder, library);
        return other;
      },
      progress,
    };
    const machine = {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      arch: process.arch,
      node: process.version,
      simd: native?.features().simd ?? 'none',
      peers: versions ?? null,
      model: bundle.manifest.name,
      loadBefore: loadavg().map((value) => Number(value.toFixed(2))),
    };
    if (!options.json) {
      console.log(
        `${machine.cpu}, ${machine.cores} cores, ${machine.simd}; Node ${machine.node}; model ${machine.model}; ` +
          `load ${machine.loadBefore.join(' ')}\n`,
      );
      for (const peer of absent) console.log(`absent: ${peer}`);
    }
    const reports: (StageReport & { readonly load: number })[] = [];
    for (const stage of chosen) {
      if (!process.stderr.isTTY) console.error(`${stage.name} ...`);
      const report = await stage.run(context);
      progress('');
      reports.push({ ...report, load: Number((loadavg()[0] ?? 0).toFixed(2)) });
      if (!options.json) console.log(describeStage(report, stage.about));
    }
    const verdicts = reports.flatMap((report) => report.verdicts);
    const bounds = tally(verdicts.filter(({ comparison }) => !comparison));
    const comparisons = tally(verdicts.filter(({ comparison }) => comparison));
    const loadAfter = loadavg().map((value) => Number(value.toFixed(2)));
    if (options.json) {
      console.log(
        JSON.stringify({
          machine: { ...machine, loadAfter },
          absent,
          rounds,
          bounds,
          comparisons,
          stages: reports,
        }),
      );
    } else {
      console.log(
        `${bounds.met} bounds met, ${bounds.missed} missed; for comparison ${comparisons.met} reach the same, ` +
          `${comparisons.missed} do not; load ${loadAfter.join(' ')}`,
      );
    }
  } finally {
    python?.close();
    pythonKept?.close();
    cpp?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const unknown = options.only.filter((name) => !stages.some((stage) => stage.name.startsWith(name)));
const rounds = Number(options.rounds);
if (options.help) {
  console.log(usage());
} else if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(
    unknown.length > 0 ? `There is no stage ${unknown.join(', ')}.` : 'Rounds is a whole number from 1.',
  );
  console.error(usage());
  process.exitCode = 2;
} else {
  // `letterbox` means all three.
  const chosen = stages.filter(
    ({ name }) =>
      options.only.length === 0 ||
      options.only.includes(name) ||
      options.only.some(
        (part) => name.startsWith(`${part}-`) && !stages.some((stage) => stage.name === part),
      ),
  );
  await run(chosen, rounds);
}
