import type { CamerasAnswer, CamerasAsk } from '../children/messages.ts';
import type { BenchContext, BenchStage } from '../context.ts';
import { forComparison, judge, quantile, type Row, ratios, type StageReport } from '../measure.ts';
import { questionOf } from '../model.ts';
import { lastLine } from '../peers/line-peer.ts';
import { memoryKept, python, script } from '../peers/python.ts';
import { fullHd } from './pictures.ts';

type Load = Pick<CamerasAsk, 'engine' | 'cameras' | 'workers' | 'threads' | 'seconds' | 'turns'>;

/** Our pipeline in a process of its own; `library`: another ONNX Runtime. */
export function runOurs(context: BenchContext, load: Load, library?: string): Promise<CamerasAnswer> {
  const ask: CamerasAsk = {
    ...load,
    ...fullHd,
    bundle: context.bundle,
    fps: 30,
    warmSeconds: 2,
    frames: context.frames,
  };
  return lastLine(process.execPath, [context.child(library), JSON.stringify(ask)]);
}

/** The Python pipeline of peers/cameras.py; `kept`: with `memoryKept`. */
export function runPython(
  context: BenchContext,
  way: 'newest' | 'queue',
  load: Omit<Load, 'engine'>,
  kept = false,
): Promise<CamerasAnswer> {
  const question = questionOf(context.bundle);
  const ask = { ...load, ...fullHd, ...question, way, fps: 30, warmSeconds: 2, frames: context.frames };
  return lastLine(python, [script('cameras.py'), JSON.stringify(ask)], kept ? memoryKept : {});
}

/** Debian's ONNX Runtime is older than npm's; with the same one, what differs is the pipeline. */
export const sameLibrary = "native with Python's ONNX Runtime";

/** One frame at a time on both cores: fewer frames than with two side by side, each of them sooner. */
export const oneAtATime = 'native, one frame at a time';

const framesPerCpuSecond = ({ frames, cpuSeconds }: CamerasAnswer) => frames / cpuSeconds;

function row(name: string, ours: boolean, answers: readonly CamerasAnswer[]): Row {
  const middle = (of: (answer: CamerasAnswer) => number) => quantile(answers.map(of), 0.5);
  return {
    name,
    ours,
    values: {
      framesPerSecond: middle(({ frames, seconds }) => frames / seconds),
      cores: middle(({ cpuSeconds, seconds }) => cpuSeconds / seconds),
      framesPerCpuSecond: middle(framesPerCpuSecond),
      p50Ms: middle(({ p50Ms }) => p50Ms),
      p99Ms: middle(({ p99Ms }) => p99Ms),
    },
  };
}

/** Four cameras at 30 frames/s on two cores; who gets more frames out of a second of CPU, and who sooner? */
export const camerasStage: BenchStage = {
  name: 'cameras',
  about:
    'four cameras of 1080p at 30 frames/s, two networks of one thread or one of two; latency from the moment a frame was due',
  async run(context): Promise<StageReport> {
    const load = { cameras: 4, workers: 2, threads: 1, seconds: context.quick ? 2 : 10 };
    const oneFrame = { ...load, workers: 1, threads: 2 };
    const runs = new Map<string, () => Promise<CamerasAnswer>>();
    if (context.native) {
      runs.set('native', () => runOurs(context, { ...load, engine: 'onnxruntime' }));
      runs.set(oneAtATime, () => runOurs(context, { ...oneFrame, engine: 'onnxruntime' }));
    }
    const { pythonLibrary } = context;
    if (pythonLibrary !== undefined) {
      runs.set(sameLibrary, () => runOurs(context, { ...load, engine: 'onnxruntime' }, pythonLibrary));
    }
    runs.set('worker', () => runOurs(context, { ...load, engine: 'onnxruntime-node' }));
    if (context.python) {
      runs.set('threaded Python, newest frame, memory kept', () => runPython(context, 'newest', load, true));
      runs.set('threaded Python, queue', () => runPython(context, 'queue', load));
      runs.set('threaded Python, newest frame, one at a time, memory kept', () =>
        runPython(context, 'newest', oneFrame, true),
      );
    }
    const answers = new Map<string, CamerasAnswer[]>([...runs.keys()].map((name) => [name, []]));
    const rounds = context.quick ? 1 : Math.min(5, context.rounds);
    for (let round = 1; round <= rounds; round++) {
      for (const [name, run] of runs) {
        context.progress(`cameras: round ${round} of ${rounds}, ${name}`);
        answers.get(name)?.push(await run());
      }
    }
    const verdicts = ['native', oneAtATime, sameLibrary].flatMap((ours) =>
      [...answers]
        .filter(([name]) => name.startsWith('threaded') && answers.has(ours))
        .flatMap(([name, theirs]) => {
          const mine = answers.get(ours) ?? [];
          const of = (pick: (answer: CamerasAnswer) => number) => ratios(mine.map(pick), theirs.map(pick));
          const verdicts = [
            judge(`${ours} / ${name}: frames at equal CPU`, of(framesPerCpuSecond), 'at least', 1.05),
            judge(
              `${ours} / ${name}: p99 latency`,
              of(({ p99Ms }) => p99Ms),
              'at most',
              0.4,
            ),
          ];
          // Whatever Python is set up as, ours as it is installed has to reach the bound.
          return ours === 'native' ? verdicts : verdicts.map(forComparison);
        }),
    );
    return {
      stage: this.name,
      rows: [...answers].map(([name, of]) => row(name, !name.startsWith('threaded'), of)),
      verdicts,
      notes: ['"cores": CPU seconds per second of the whole process; 120 frames/s are offered'],
    };
  },
};
