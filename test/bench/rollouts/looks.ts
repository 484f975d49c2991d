/**
 * How often a wave should be looked at: the same simulated rollouts with one look and with several, beside the guard, as
 * the controller asks its gate. For each number of looks it says what was aborted, and when.
 *
 *   npm run bench -- rollout-looks [--looks 1,3,6] [--runs 500] [--first 0] [--only NAME] [--alone] [--out FILE] [--from FILE]
 *
 * `--alone` leaves out the guard. A run takes a second or two of one core. FILE keeps the runs; `--from FILE` prints the table of all that is in it.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { binomialLower, binomialUpper } from '../../../src/base/index.ts';
import {
  evaluateGate,
  type GateLook,
  type GateOutcome,
  type GateSpec,
  type GateSubject,
} from '../../../src/controller/rollouts/gates/index.ts';
import { type Judge, type RolloutPlan, type RolloutResult, simulateRollout } from './rollout.ts';
import { blockMinutes, type ModelChange } from './street-counts.ts';

const { values } = parseArgs({
  options: {
    looks: { type: 'string', default: '1,3,6' },
    runs: { type: 'string', default: '500' },
    first: { type: 'string', default: '0' },
    only: { type: 'string' },
    soak: { type: 'string', default: '60' },
    alone: { type: 'boolean', default: false },
    out: { type: 'string' },
    from: { type: 'string' },
  },
});

const models: Readonly<Record<string, ModelChange>> = {
  'as good': {},
  '10 % less recall': { lostRecall: 0.1 },
  '15 % less recall': { lostRecall: 0.15 },
  '20 % less recall': { lostRecall: 0.2 },
  '30 % less recall': { lostRecall: 0.3 },
  'no pedestrians': { droppedClass: 'pedestrian' },
};
const waves = [4, 8];
const gate: GateSpec = {
  metrics: [
    { metric: 'detections' },
    { metric: 'class-mix', classes: ['pedestrian'] },
    { metric: 'latency' },
  ],
  ...{ waves: waves.length, guarded: true },
};
const soakMinutes = Number(values.soak);
/** Looked at after each block; whose turn it is, each judge knows. */
const steps = soakMinutes / blockMinutes;
const plan: RolloutPlan = { waves, heldBack: 8, soakMinutes, looks: steps, historyDays: 3, gate };

interface Way {
  readonly name: string;
  readonly of: number;
  readonly guard: boolean;
  readonly passEarly: boolean;
}

const counts = values.looks.split(',').map(Number);
const alone = counts.map((of) => ({ name: `${of}, no guard`, of, guard: false, passEarly: false }));
const guarded = [
  ...counts.map((of) => ({ name: `${of}`, of, guard: true, passEarly: false })),
  ...counts
    .filter((of) => of === 3)
    .map((of) => ({ name: `${of}, may pass early`, of, guard: true, passEarly: true })),
];
const ways: readonly Way[] = values.alone ? alone : [...alone, ...guarded];

/** All ways look at the same blocks: what two of them ask is worked out once. */
function judgesOf(list: readonly Way[]): Judge[] {
  let seen: unknown;
  const verdicts = new Map<string, { readonly outcome: GateOutcome; readonly why: string[] }>();
  const ask = (look: GateLook, passEarly: boolean, subjects: readonly GateSubject[]) => {
    if (seen !== subjects) verdicts.clear();
    seen = subjects;
    const key = JSON.stringify([look, passEarly]);
    const known = verdicts.get(key);
    if (known !== undefined) return known;
    // None of the metrics is one of the device itself.
    const cameras = subjects.filter(({ camera }) => camera !== '');
    const evidence = { blockMinutes, look, subjects: cameras };
    const { outcome, metrics } = evaluateGate({ ...gate, passEarly }, evidence);
    const why = metrics
      .filter((one) => one.outcome === outcome)
      .map(({ metric, label }) => (label === undefined ? metric : `${metric} ${label}`));
    verdicts.set(key, { outcome, why });
    return { outcome, why };
  };
  return list.map(({ of, guard, passEarly }) => (step, subjects) => {
    const number = Math.floor((step * of) / steps);
    // The first step at which a look is due.
    const due = number > Math.floor(((step - 1) * of) / steps);
    if (!due && !guard) return { says: 'wait', why: [] };
    // What it may pass does not matter to a guard.
    const { outcome, why } = due ? ask({ number, of }, passEarly, subjects) : ask('always', false, subjects);
    if (outcome === 'fail') return { says: 'stop', why };
    if (due && outcome === 'pass' && (number === of || passEarly)) return { says: 'pass', why };
    return { says: 'wait', why };
  });
}

interface Run {
  readonly name: string;
  readonly way: string;
  readonly result: RolloutResult;
}

function report(name: string, way: string, results: readonly RolloutResult[]): void {
  const of = results.length;
  const percent = (share: number) => (100 * share).toFixed(1);
  const aborted = results.filter(({ end }) => end === 'aborted');
  const paused = results.filter(({ end }) => end === 'paused').length;
  const bounds = [binomialLower(aborted.length, of, 0.025), binomialUpper(aborted.length, of, 0.025)];
  const hours = aborted.map((one) => one.hours).sort((a, b) => a - b);
  const at = (share: number) => hours[Math.min(hours.length - 1, Math.floor(share * hours.length))];
  const minutes = (hour: number | undefined) => (hour === undefined ? '-' : (60 * hour).toFixed(0));
  const first = aborted.filter(({ devices }) => devices === waves[0]).length;
  const ended = results.filter(({ end }) => end === 'rolled-out').map((one) => one.hours);
  const mean =
    ended.length === 0 ? '-' : (60 * (ended.reduce((sum, one) => sum + one, 0) / ended.length)).toFixed(0);
  console.log(
    `| ${name} | ${way} | ${of} | ${percent(aborted.length / of)} % (${bounds.map(percent).join(' to ')}) | ${first} | ${minutes(at(0.5))} (${minutes(at(0.1))} to ${minutes(at(0.9))}) | ${percent(paused / of)} % | ${mean} |`,
  );
}

function reportAll(runs: readonly Run[]): void {
  console.log(
    '| new version | looks | runs | aborted | in wave one | after minutes | paused | rolled out after |',
  );
  console.log('|--|--|--|--|--|--|--|--|');
  for (const name of Object.keys(models))
    for (const { name: way } of ways) {
      const results = runs.filter((run) => run.name === name && run.way === way).map(({ result }) => result);
      if (results.length > 0) report(name, way, results);
    }
}

if (values.from !== undefined) {
  const lines = readFileSync(values.from, 'utf8').trim().split('\n');
  reportAll(lines.map((line) => JSON.parse(line) as Run));
} else {
  const runs: Run[] = [];
  const first = Number(values.first);
  for (const [name, change] of Object.entries(models)) {
    if (values.only !== undefined && values.only !== name) continue;
    for (let run = first; run < first + Number(values.runs); run++) {
      const results = simulateRollout(run, plan, change, judgesOf(ways));
      const made = results.map((result, index): Run => ({ name, way: ways[index]!.name, result }));
      runs.push(...made);
      if (values.out !== undefined)
        appendFileSync(values.out, made.map((one) => `${JSON.stringify(one)}\n`).join(''));
    }
  }
  reportAll(runs);
}
