import type { CamerasAnswer } from '../children/messages.ts';
import type { BenchStage } from '../context.ts';
import { forComparison, judge, quantile, type Row, ratios } from '../measure.ts';
import { runOurs, runPython, sameLibrary } from './cameras.ts';

const one = { cameras: 1, workers: 1, threads: 1 };

/** Also of the whole agent. */
export const mostLoopP99Ms = { native: 2, worker: 5 } as const;

const engines = { native: 'onnxruntime', worker: 'onnxruntime-node' } as const;

function middle(answers: readonly CamerasAnswer[], of: (answer: CamerasAnswer) => number): number {
  return quantile(answers.map(of), 0.5);
}

function loopRow(name: string, ours: boolean, answers: readonly CamerasAnswer[]): Row {
  return {
    name,
    ours,
    values: {
      loopP50Ms: middle(answers, ({ loopP50Ms }) => loopP50Ms),
      loopP99Ms: middle(answers, ({ loopP99Ms }) => loopP99Ms),
      loopMaxMs: middle(answers, ({ loopMaxMs }) => loopMaxMs),
      // What of it this thread computed itself, and what it waited for a processor.
      ownP99Ms: middle(answers, ({ turns }) => turns?.cpuP99Ms ?? Number.NaN),
      ownMaxMs: middle(answers, ({ turns }) => turns?.cpuMaxMs ?? Number.NaN),
      waitP99Ms: middle(answers, ({ turns }) => turns?.waitP99Ms ?? Number.NaN),
    },
  };
}

/** The main thread's delay with one camera, and that of an idle process at the same time: what the machine adds. */
export const eventLoopStage: BenchStage = {
  name: 'event-loop',
  about: 'delay of the main thread with one camera of 1080p at 30 frames/s, 1 ms being none',
  async run(context) {
    const seconds = context.quick ? 2 : 15;
    const rounds = context.quick ? 1 : Math.min(3, context.rounds);
    const names = context.native ? (['native', 'worker'] as const) : (['worker'] as const);
    const answers = new Map<string, CamerasAnswer[]>();
    const keep = (name: string, answer: CamerasAnswer) =>
      answers.set(name, [...(answers.get(name) ?? []), answer]);
    for (let round = 1; round <= rounds; round++) {
      for (const name of names) {
        context.progress(`event-loop: round ${round} of ${rounds}, ${name}`);
        const [busy, idle] = await Promise.all([
          runOurs(context, { ...one, seconds, engine: engines[name], turns: true }),
          runOurs(context, { ...one, cameras: 0, seconds, engine: engines[name], turns: true }),
        ]);
        keep(name, busy);
        keep(`idle process beside ${name}`, idle);
      }
    }
    const p99 = (name: string) => (answers.get(name) ?? []).map(({ loopP99Ms }) => loopP99Ms);
    const verdicts = names.map((name) =>
      judge(`${name}: p99`, p99(name), 'at most', mostLoopP99Ms[name], 'ms'),
    );
    // The bound stays as it is; but a reader must know whose delay was measured.
    const notes = names
      .filter((name) => quantile(p99(`idle process beside ${name}`), 0.5) > mostLoopP99Ms[name])
      .map(
        (name) =>
          `not a quiet machine: the idle process beside ${name} is above ${mostLoopP99Ms[name]} ms too`,
      );
    return {
      stage: this.name,
      rows: [...answers].map(([name, of]) => loopRow(name, !name.startsWith('idle'), of)),
      verdicts,
      notes,
    };
  },
};

/** Resident memory of a process with one camera. */
export const memoryStage: BenchStage = {
  name: 'memory',
  about: 'resident memory with one camera of 1080p at 30 frames/s',
  async run(context) {
    const load = { ...one, seconds: context.quick ? 1 : 5 };
    const rounds = context.quick ? 1 : Math.min(3, context.rounds);
    const answers = new Map<string, CamerasAnswer[]>();
    const keep = (name: string, answer: CamerasAnswer) =>
      answers.set(name, [...(answers.get(name) ?? []), answer]);
    for (let round = 1; round <= rounds; round++) {
      context.progress(`memory: round ${round} of ${rounds}`);
      if (context.native) keep('native', await runOurs(context, { ...load, engine: 'onnxruntime' }));
      if (context.pythonLibrary !== undefined) {
        keep(sameLibrary, await runOurs(context, { ...load, engine: 'onnxruntime' }, context.pythonLibrary));
      }
      keep('worker', await runOurs(context, { ...load, engine: 'onnxruntime-node' }));
      if (context.python) keep('Python', await runPython(context, 'newest', load));
    }
    const rss = (name: string) => (answers.get(name) ?? []).map(({ rssMb }) => rssMb);
    const verdicts = ['native', sameLibrary]
      .filter((name) => answers.has(name) && answers.has('Python'))
      .map((name) => {
        const verdict = judge(`${name} / Python`, ratios(rss(name), rss('Python')), 'at most', 0.75);
        return name === sameLibrary ? forComparison(verdict) : verdict;
      });
    return {
      stage: this.name,
      rows: [...answers].map(([name, of]) => ({
        name,
        ours: name !== 'Python',
        values: { rssMb: middle(of, ({ rssMb }) => rssMb), peakMb: middle(of, ({ peakMb }) => peakMb) },
      })),
      verdicts,
      notes: [],
    };
  },
};
