/**
 * The guard of a gate over days: how often it stops a version that is as good, and when it finds one that becomes worse on
 * its fourth day, beside a fixed threshold and a t-test that is repeated.
 *
 *   npm run bench -- rollout-guard [--runs 200] [--first 0] [--days 7] [--only NAME] [--alone] [--watch NAME] [--treated 4]
 *                                  [--controls 8] [--history 7] [--worse-from 3] [--out FILE] [--from FILE]
 *
 * `--alone`: the gate has detections and latency and nothing else. `--out FILE` keeps the runs, `--from FILE` prints the table of
 * what is in it. A run with all metrics takes some seconds of a core for a week.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { binomialLower, binomialUpper } from '../../../src/base/index.ts';
import type { BlockKey, GateSpec } from '../../../src/controller/rollouts/gates/index.ts';
import {
  fixedThreshold,
  type GuardChange,
  type GuardPlan,
  type GuardResult,
  ourGuard,
  repeatedTTest,
  simulateGuard,
  type Watch,
} from './guard.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    first: { type: 'string', default: '0' },
    days: { type: 'string', default: '7' },
    only: { type: 'string' },
    alone: { type: 'boolean', default: false },
    watch: { type: 'string' },
    treated: { type: 'string', default: '4' },
    controls: { type: 'string', default: '8' },
    history: { type: 'string', default: '7' },
    'worse-from': { type: 'string', default: '3' },
    out: { type: 'string' },
    from: { type: 'string' },
  },
});
const labels = ['car', 'truck', 'pedestrian', 'traffic_sign', 'traffic_light'] as const;
const cameraKeys: readonly BlockKey[] = [
  ...(['detections', 'latency', 'score', 'frame-rate', 'drift'] as const),
  ...labels.map((label): BlockKey => `class:${label}`),
];
const plan: GuardPlan = {
  treated: Number(values.treated),
  controls: Number(values.controls),
  historyDays: Number(values.history),
  days: Number(values.days),
  worseFromDay: Number(values['worse-from']),
  cameraKeys: values.alone ? ['detections', 'latency'] : cameraKeys,
  deviceKeys: values.alone ? [] : ['temperature', 'memory', 'crashes', 'known-answers'],
};
const few: GateSpec['metrics'] = [{ metric: 'detections' }, { metric: 'latency' }];
const all: GateSpec['metrics'] = [
  ...few,
  { metric: 'class-mix' },
  { metric: 'score' },
  { metric: 'frame-rate' },
  { metric: 'temperature' },
  { metric: 'memory' },
  { metric: 'memory-growth', harm: 0.1 },
  { metric: 'drift' },
  { metric: 'crashes' },
  { metric: 'known-answers' },
];
const models: Readonly<Record<string, GuardChange>> = {
  same: {},
  'recall -5 %': { lostRecall: 0.05 },
  'recall -10 %': { lostRecall: 0.1 },
  'recall -30 %': { lostRecall: 0.3 },
  'no pedestrians': { droppedClass: 'pedestrian' },
  'slower by 10 % a day': { slowerPerDay: 0.1 },
};
const watches: Readonly<Record<string, Watch>> = {
  guard: ourGuard({ metrics: values.alone ? few : all }),
  threshold: fixedThreshold,
  't-test': repeatedTTest,
};

interface Run {
  readonly name: string;
  readonly watch: string;
  readonly days: number;
  readonly alone: boolean;
  readonly worseFromDay: number;
  readonly result: GuardResult;
}

function report(runs: readonly Run[]): void {
  const [{ name, watch, days, alone, worseFromDay }] = runs as [Run];
  const of = runs.length;
  const worseAt = name === 'same' ? Number.POSITIVE_INFINITY : 24 * worseFromDay;
  const hours = runs.flatMap(({ result }) => result.hours ?? []);
  const early = hours.filter((one) => one <= worseAt).length;
  const found = hours.filter((one) => one > worseAt).map((one) => one - worseAt);
  found.sort((a, b) => a - b);
  const share = (count: number) =>
    `${((100 * count) / of).toFixed(1)} % (${[binomialLower, binomialUpper].map((bound) => (100 * bound(count, of, 0.025)).toFixed(1)).join(' to ')})`;
  const at = (part: number) =>
    found[Math.min(found.length - 1, Math.floor(part * found.length))]?.toFixed(0) ?? '-';
  const why = new Map<string, number>();
  for (const { result } of runs)
    if (result.hours !== undefined) why.set(result.why, (why.get(result.why) ?? 0) + 1);
  const most = [...why].sort(([, a], [, b]) => b - a).slice(0, 4);
  console.log(
    `| ${name} | ${watch}${alone ? ', two metrics' : ''} | ${days} days, ${of} runs | falsely ${share(early)} | found ${share(found.length)} | after ${at(0.5)} h (${at(0.1)} to ${at(0.9)}) | ${most.map(([one, count]) => `${one} ${count}`).join('; ')} |`,
  );
}

function reportAll(runs: readonly Run[]): void {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const key = `${run.name} ${run.watch} ${run.days} ${run.alone}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  for (const group of groups.values()) report(group);
}

if (values.from !== undefined) {
  const lines = readFileSync(values.from, 'utf8').trim().split('\n');
  reportAll(lines.map((line) => JSON.parse(line) as Run));
  process.exit();
}
const runs: Run[] = [];
const used = Object.entries(watches).filter(([name]) => values.watch === undefined || values.watch === name);
for (let run = 0; run < Number(values.runs); run++)
  for (const [name, change] of Object.entries(models)) {
    if (values.only !== undefined && values.only !== name) continue;
    const results = simulateGuard(
      Number(values.first) + run,
      plan,
      change,
      used.map(([, watch]) => watch),
    );
    for (const [index, [watch]] of used.entries()) {
      const about = { days: plan.days, alone: values.alone, worseFromDay: plan.worseFromDay };
      const one: Run = { name, watch, ...about, result: results[index]! };
      runs.push(one);
      if (values.out !== undefined) appendFileSync(values.out, `${JSON.stringify(one)}\n`);
    }
  }
reportAll(runs);
