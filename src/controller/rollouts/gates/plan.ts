import {
  binomialAtLeast,
  bisect,
  defined,
  normalQuantile,
  poissonAtLeast,
  type Steps,
  stepsAtOnce,
  studentQuantile,
} from '../../../base/index.ts';
import { gateDefaults } from './defaults.ts';
import type { Finding, Look } from './finding.ts';
import type { GateFleet, GatePlan, GateSpec, PlannedMetric, PlannedSight } from './gate.ts';
import { leastPValue } from './ranks.ts';
import { rehearse } from './rehearsal.ts';
import { type Series, seriesOf } from './series.ts';
import { spentAt } from './spending.ts';
import { spreadOf } from './spread.ts';
import { type Comparison, comparisonOf, fromScale, namedParts, typicalSpread } from './table.ts';
import { nameOf, sayAmount } from './words.ts';

/** Soaks that people choose, minutes. */
const soaks = [15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440];
const usualParts = 5;
const answerMinutes = 10;
const usualAlarmsPerHour = 1 / 720;

interface Terms {
  /** What a wrong refusal may cost at the look, over all comparisons; and the tail of power. */
  readonly refuse: number;
  readonly miss: number;
  readonly series: (comparison: Comparison) => readonly Series[];
}

/** What a gate will see in a wave, before it begins: of each metric the smallest harm that is found with the power asked for. */
export function planGate(gate: GateSpec, fleet: GateFleet): GatePlan {
  return stepsAtOnce(planSteps(gate, fleet));
}

/** The same, step by step. Each look is rehearsed, so that nothing is promised which the gate then can't decide. */
export function* planSteps(gate: GateSpec, fleet: GateFleet): Steps<GatePlan> {
  const comparisons = gate.metrics.flatMap(
    (metric) => namedParts(metric)?.map((label) => comparisonOf(metric, label)) ?? [comparisonOf(metric)],
  );
  const count = comparisons.reduce(
    (sum, { rule, label }) => sum + (rule.parts !== undefined && label === undefined ? usualParts : 1),
    0,
  );
  const { falseAbort, power } = { ...gateDefaults, ...gate };
  const looks = Math.max(1, fleet.looks ?? 1);
  const total = falseAbort / Math.max(1, gate.waves ?? 1) / (gate.guarded === true ? 2 : 1);
  const series = seriesFor(gate, fleet);
  const terms = Array.from({ length: looks }, (_, at): Terms => {
    const refuse = spentAt({ number: at + 1, of: looks }, total) / Math.max(1, count);
    return { refuse, miss: 1 - power, series };
  });
  const metrics: PlannedMetric[] = [];
  for (const comparison of comparisons) metrics.push(yield* planOf(comparison, gate, fleet, terms));
  return {
    enough: metrics.every(({ enough }) => enough),
    decides: metrics.every(({ undecided }) => undecided === undefined),
    metrics,
    says: metrics.map(({ says }) => says),
  };
}

function seriesFor(gate: GateSpec, { history = [], blockMinutes }: GateFleet): Terms['series'] {
  const settleMinutes = gate.settleMinutes ?? gateDefaults.settleMinutes;
  const newest = Math.max(0, ...history.map(({ blocks }) => blocks.at(-1)?.startMs ?? 0));
  const grids = history.map((subject) =>
    seriesOf(subject, () => true, { blockMinutes, settleMinutes }, newest + blockMinutes * 60_000),
  );
  return ({ key, rule }) =>
    grids
      .map((grid) => grid.get(key))
      .filter((one) => one !== undefined)
      .filter(({ subject }) => (subject.camera === '') === (rule.of === 'device'));
}

function* planOf(
  comparison: Comparison,
  gate: GateSpec,
  fleet: GateFleet,
  looks: readonly Terms[],
): Steps<PlannedMetric> {
  const { cameras, soakMinutes } = fleet;
  const terms = looks.at(-1)!;
  const lookAfter = (minutes: number, at = terms) =>
    rehearse(gate, comparison, fleet, { minutes, level: at.refuse });
  const find = (look: Look, minutes: number, count: number, at = terms) =>
    look.kind === 'missing'
      ? undefined
      : smallest(comparison, gate, { ...fleet, cameras: count }, minutes, at, look);
  const last = yield* lookAfter(soakMinutes);
  const now = find(last, soakMinutes, cameras);
  const harm = comparison.harm;
  const reaches = (value: number | undefined) => value !== undefined && value <= harm;
  const isDecided = last.kind === 'found';
  let minutes: number | undefined;
  let decidesAfter: number | undefined;
  for (const soak of reaches(now) ? [] : soaks) {
    if (soak <= soakMinutes || minutes !== undefined) continue;
    const look = yield* lookAfter(soak);
    if (look.kind === 'found') decidesAfter ??= soak;
    if (reaches(find(look, soak, Math.max(1, cameras)))) minutes = soak;
  }
  const counts = Array.from({ length: 12 }, (_, step) => Math.max(1, cameras) + Math.ceil(1.5 ** step) - 1);
  const more = counts.find((count) => reaches(find(last, soakMinutes, count)));
  const needs = {
    ...defined({ minutes, cameras: more }),
  };
  const enough = reaches(now);
  const early: PlannedSight[] = [];
  for (const [index, at] of looks.slice(0, -1).entries()) {
    const after = (soakMinutes * (index + 1)) / looks.length;
    early.push({ minutes: after, smallest: find(yield* lookAfter(after, at), after, cameras, at) });
  }
  const undecided = isDecided ? {} : { undecided: { why: last.why, settle: last.settle } };
  const later = isDecided ? {} : defined({ decidesAfter });
  return {
    metric: comparison.metric,
    unit: comparison.rule.unit,
    smallest: now,
    harm,
    enough,
    needs,
    early,
    ...{ ...undecided, ...later },
    says: sayPlan(
      ...([comparison, fleet, { now, enough, needs, early, ...undecided, ...later }] as const),
      terms.series(comparison).length > 0,
    ),
  };
}

/** The smallest harm that is refused with the power asked for; undefined where none is. */
function smallest(
  comparison: Comparison,
  gate: GateSpec,
  fleet: GateFleet,
  minutes: number,
  { refuse, miss, series }: Terms,
  { by }: Finding,
): number | undefined {
  const { cameras, controls = 0, blockMinutes } = fleet;
  const settleMinutes = gate.settleMinutes ?? gateDefaults.settleMinutes;
  const hours = Math.max(0, (minutes - settleMinutes) / 60);
  const { kind } = comparison.rule;
  if (hours === 0) return undefined;
  if (kind === 'events') return smallestRate(cameras * hours, refuse, miss);
  const { atLook } = comparison.rule;
  if (kind === 'share')
    return smallestShare(Math.floor(cameras * (atLook ?? minutes / answerMinutes)), refuse, miss);
  // What two models differ in is not known before they ran on the same frames.
  if (kind === 'bound') return comparison.harm / 2;
  const known = spreadOf(comparison, series(comparison), {
    blockMinutes,
    soakMinutes: minutes,
    settleMinutes,
  });
  const spread = known ?? typicalSpread(comparison, minutes - settleMinutes);
  if (spread === undefined) return undefined;
  const deviation = spread * Math.sqrt(1 / cameras + (controls > 0 ? 1 / controls : 0));
  // What was just before strays as much as what comes after, and is no measure of the hour of the day.
  const before = known !== undefined || by === undefined || isByDays(by) ? 1 : Math.SQRT2;
  const found = reachOf(by, refuse, miss) * before * deviation;
  const value = fromScale(comparison, found);
  return value > 1 && comparison.rule.unit === 'share' && comparison.direction !== 'up' ? undefined : value;
}

function isByDays(by: NonNullable<Finding['by']>): boolean {
  return by.kind === 'history' && by.days;
}

/** So many deviations a harm must have to be refused with the power asked for. */
function reachOf(by: Finding['by'], refuse: number, miss: number): number {
  if (by === undefined) return normalQuantile(refuse) + normalQuantile(miss);
  if (by.kind === 'history') return studentQuantile(refuse, by.freedom) + normalQuantile(miss);
  const { treated, controls } = by;
  const byTest = studentQuantile(refuse, Math.max(1, treated + controls - 2)) + normalQuantile(miss);
  if (leastPValue(treated, controls) < refuse / 10) return byTest;
  // Nearly every device of the wave must be below every one of the control.
  const apart = (count: number) => normalQuantile(1 - Math.sqrt(1 - miss) ** (1 / count));
  return Math.max(byTest, (apart(treated) + apart(controls)) / Math.sqrt(1 / treated + 1 / controls));
}

function smallestRate(hours: number, refuse: number, miss: number): number {
  let least = 1;
  while (poissonAtLeast(least, usualAlarmsPerHour * hours) > refuse) least++;
  return bisect((rate) => poissonAtLeast(least, rate * hours) < 1 - miss, 0, (least + 50) / hours);
}

function smallestShare(answers: number, refuse: number, miss: number): number | undefined {
  for (let least = 1; least <= answers; least++)
    if (binomialAtLeast(answers, least, 0.02) <= refuse)
      return bisect((share) => binomialAtLeast(answers, least, share) < 1 - miss, 0, 1);
  return undefined;
}

function sayPlan(
  comparison: Comparison,
  { cameras, soakMinutes, controls = 0 }: GateFleet,
  {
    now,
    enough,
    needs,
    early,
    undecided,
    decidesAfter,
  }: Pick<PlannedMetric, 'enough' | 'needs' | 'early' | 'undecided' | 'decidesAfter'> & {
    readonly now: number | undefined;
  },
  known: boolean,
): string {
  const name = nameOf(comparison);
  const where = `With ${cameras} ${comparison.rule.of}${cameras === 1 ? '' : 's'}${controls > 0 ? `, ${controls} control` : ''} and ${soakMinutes} min`;
  if (undecided !== undefined) {
    const { why, settle } = undecided;
    const when = decidesAfter === undefined ? settle : `The shortest soak that can: ${decidesAfter} min.`;
    return `${where} the gate cannot decide on ${name}. ${why} ${when}`;
  }
  if (comparison.rule.kind === 'bound')
    return `${name}: the difference of two models is known after they have run on the same frames.`;
  const way = comparison.direction === 'down' ? 'loss' : comparison.direction === 'up' ? 'rise' : 'change';
  const seen =
    now === undefined
      ? `${where} you will see no ${way} of ${name}`
      : `${where} you will see a ${way} of ${sayAmount(comparison, now)} or more in ${name}`;
  const wanted = [
    needs.minutes === undefined ? undefined : `${needs.minutes} min`,
    needs.cameras === undefined ? undefined : `${needs.cameras} ${comparison.rule.of}s`,
  ].filter((one) => one !== undefined);
  const missing = enough
    ? ''
    : `; for ${sayAmount(comparison, comparison.harm)} it takes ${wanted.length === 0 ? 'more of both' : wanted.join(', or ')}`;
  const level = comparison.rule.kind === 'level' || comparison.rule.kind === 'trend';
  return `${seen}${sayEarly(comparison, early)}${missing}${level && !known ? ' (by the noise of the simulated street)' : ''}.`;
}

/** "; already after 20 min one of 58 %, after 40 min one of 27 %"; looks that see nothing are no news. */
function sayEarly(comparison: Comparison, early: readonly PlannedSight[]): string {
  const seen = early.flatMap(({ minutes, smallest: found }) =>
    found === undefined ? [] : [`after ${Math.round(minutes)} min one of ${sayAmount(comparison, found)}`],
  );
  return seen.length === 0 ? '' : `, already ${seen.join(', ')}`;
}
