/**
 * Rollouts of a model that is as good as the one before, and of models that are worse, over simulated cameras.
 *
 *   npm run bench -- rollouts [--runs 2000] [--worse-runs 300] [--first 0] [--only NAME] [--gate NAME] [--waves 4,8] [--held-back 8]
 *                             [--soak 60] [--days 3] [--metrics NAME,NAME] [--out FILE] [--from FILE] [--noise] [--shadow]
 *
 * 2000 runs take some 15 minutes of one core. `--first 500 --runs 500 --out FILE` makes a part of them, which FILE keeps;
 * `--from FILE` prints the table of all that is in it. `--noise` prints how far one camera strays, `--shadow` the table of
 * shadows.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { binomialLower, binomialUpper } from '../../../src/base/index.ts';
import type { GateMetric, MetricGate } from '../../../src/controller/rollouts/gates/index.ts';
import { everyMetric } from './metrics.ts';
import { measureNoise } from './noise.ts';
import { framesTTest, rankTest, thresholdBefore, thresholdControl } from './others.ts';
import {
  type Judge,
  otherGate,
  ourGate,
  type RolloutPlan,
  type RolloutResult,
  simulateRollout,
} from './rollout.ts';
import { simulateShadow } from './shadow.ts';
import type { ModelChange } from './street-counts.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    'worse-runs': { type: 'string', default: '300' },
    first: { type: 'string', default: '0' },
    only: { type: 'string' },
    gate: { type: 'string' },
    waves: { type: 'string', default: '4,8' },
    'held-back': { type: 'string', default: '8' },
    soak: { type: 'string', default: '60' },
    days: { type: 'string', default: '3' },
    noise: { type: 'boolean', default: false },
    shadow: { type: 'boolean', default: false },
    metrics: { type: 'string' },
    out: { type: 'string' },
    from: { type: 'string' },
  },
});

const waves = values.waves.split(',').map(Number);
const metrics =
  values.metrics === undefined
    ? everyMetric
    : values.metrics.split(',').map((metric): MetricGate => ({ metric: metric as GateMetric }));
const plan: RolloutPlan = {
  waves,
  heldBack: Number(values['held-back']),
  soakMinutes: Number(values.soak),
  looks: 3,
  historyDays: Number(values.days),
  gate: {
    metrics,
    // What it has beside the last look for passing early: the table was made so.
    passEarly: true,
    waves: waves.length,
  },
};

const models: Readonly<Record<string, ModelChange>> = {
  same: {},
  'recall -5 %': { lostRecall: 0.05 },
  'recall -10 %': { lostRecall: 0.1 },
  'recall -30 %': { lostRecall: 0.3 },
  'no pedestrians': { droppedClass: 'pedestrian' },
  'slower by 20 %': { slower: 0.2 },
  'leak of 20 % per hour': { leakPerHour: 0.2 },
};
const gates: Readonly<Record<string, Judge>> = {
  Goshawk: ourGate(plan),
  'threshold: a tenth below before': otherGate(thresholdBefore),
  'threshold: a tenth below control': otherGate(thresholdControl),
  't-test on frames': otherGate(framesTTest),
  'rank test on blocks': otherGate(rankTest),
};

interface Run {
  readonly name: string;
  readonly gate: string;
  readonly result: RolloutResult;
}

function report(name: string, gate: string, results: readonly RolloutResult[]): void {
  const of = results.length;
  const stopped = results.filter(({ end }) => end === 'aborted');
  const paused = results.filter(({ end }) => end === 'paused');
  const percent = (share: number) => (100 * share).toFixed(1);
  const middle = (list: readonly number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const [low, high] = [binomialLower(stopped.length, of, 0.025), binomialUpper(stopped.length, of, 0.025)];
  const counts = (list: readonly RolloutResult[]) => {
    const map = new Map<string, number>();
    for (const { why } of list) for (const one of why) map.set(one, (map.get(one) ?? 0) + 1);
    return [...map]
      .sort(([, a], [, b]) => b - a)
      .slice(0, 4)
      .map(([why, count]) => `${why} ${count}`)
      .join(', ');
  };
  const line = `| ${name} | ${gate} | ${of} | ${percent(stopped.length / of)} % (${percent(low)} to ${percent(high)}) | ${percent(paused.length / of)} % | ${middle(stopped.map(({ devices }) => devices)) ?? '-'} | ${middle(stopped.map(({ hours }) => hours))?.toFixed(2) ?? '-'} | ${counts(stopped)} | ${counts(paused)} |`;
  console.log(line);
}

if (values.shadow) {
  const shadowed = { cameras: 4, minutes: 60, harm: 0.1 };
  for (const lost of [0, 0.05, 0.1, 0.2, 0.3]) {
    const runs = Number(lost === 0 ? values.runs : values['worse-runs']);
    const found = Array.from({ length: runs }, (_, run) => simulateShadow(run, shadowed, lost));
    const of = (outcome: string) => found.filter((one) => one === outcome).length;
    const failed = of('fail');
    const interval = [binomialLower(failed, runs, 0.025), binomialUpper(failed, runs, 0.025)];
    const [low, high] = interval.map((share) => (100 * share).toFixed(1));
    console.log(
      `| ${lost * 100} % | ${runs} | ${((100 * failed) / runs).toFixed(1)} % (${low} to ${high}) | ${((100 * of('inconclusive')) / runs).toFixed(1)} % | ${((100 * of('pass')) / runs).toFixed(1)} % |`,
    );
  }
  process.exit();
}
if (values.noise) {
  for (const line of measureNoise(40, Number(values.days))) console.log(line);
  process.exit();
}
if (values.from !== undefined) {
  const runs = readFileSync(values.from, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Run);
  for (const name of Object.keys(models))
    for (const gate of Object.keys(gates)) {
      const results = runs
        .filter((run) => run.name === name && run.gate === gate)
        .map(({ result }) => result);
      if (results.length > 0) report(name, gate, results);
    }
  process.exit();
}
const first = Number(values.first);
for (const [name, change] of Object.entries(models)) {
  if (values.only !== undefined && values.only !== name) continue;
  const runs = Number(name === 'same' ? values.runs : values['worse-runs']);
  const used = Object.entries(gates).filter(([gate]) => values.gate === undefined || values.gate === gate);
  const judges = used.map(([, judge]) => judge);
  const found = new Map<string, RolloutResult[]>(used.map(([gate]) => [gate, []]));
  for (let run = 0; run < runs; run++) {
    const results = simulateRollout(first + run, plan, change, judges);
    for (const [index, [gate]] of used.entries()) {
      const result = results[index]!;
      found.get(gate)?.push(result);
      if (values.out !== undefined) appendFileSync(values.out, `${JSON.stringify({ name, gate, result })}\n`);
    }
  }
  for (const [gate, results] of found) report(name, gate, results);
}
