import { binomialAtLeast, bisect, normalQuantile, poissonAtLeast } from '../../../base/index.ts';
import { gateDefaults } from './defaults.ts';
import type { GateFleet, GatePlan, GateSpec, PlannedMetric, PlannedSight } from './gate.ts';
import { type Series, seriesOf } from './series.ts';
import { spentAt } from './spending.ts';
import { spreadOf } from './spread.ts';
import { type Comparison, comparisonOf, fromScale } from './table.ts';
import { typicalSpread } from './typical.ts';
import { nameOf, sayAmount } from './words.ts';

/** Soaks that people choose, minutes. */
const soaks = [15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440];
const usualClasses = 5;
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
  const comparisons = gate.metrics.flatMap((metric) =>
    metric.classes === undefined
      ? [comparisonOf(metric)]
      : metric.classes.map((label) => comparisonOf(metric, label)),
  );
  const count = comparisons.reduce(
    (sum, { metric, label }) => sum + (metric === 'class-mix' && label === undefined ? usualClasses : 1),
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
  const metrics = comparisons.map((comparison) => planOf(comparison, gate, fleet, terms));
  return { enough: metrics.every(({ enough }) => enough), metrics, says: metrics.map(({ says }) => says) };
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

function planOf(
  comparison: Comparison,
  gate: GateSpec,
  fleet: GateFleet,
  looks: readonly Terms[],
): PlannedMetric {
  const { cameras, soakMinutes } = fleet;
  const terms = looks.at(-1)!;
  const find = (minutes: number, count: number, at = terms) =>
    smallest(comparison, gate, { ...fleet, cameras: count }, minutes, at);
  const now = cameras > 0 ? find(soakMinutes, cameras) : undefined;
  const harm = comparison.harm;
  const reaches = (value: number | undefined) => value !== undefined && value <= harm;
  const minutes = soaks.find((soak) => soak >= soakMinutes && reaches(find(soak, Math.max(1, cameras))));
  const counts = Array.from({ length: 12 }, (_, step) => Math.max(1, cameras) + Math.ceil(1.5 ** step) - 1);
  const more = counts.find((count) => reaches(find(soakMinutes, count)));
  const needs = {
    ...(minutes === undefined ? {} : { minutes }),
    ...(more === undefined ? {} : { cameras: more }),
  };
  const enough = reaches(now);
  const early = looks.slice(0, -1).map((at, index): PlannedSight => {
    const after = (soakMinutes * (index + 1)) / looks.length;
    return { minutes: after, smallest: cameras > 0 ? find(after, cameras, at) : undefined };
  });
  return {
    metric: comparison.metric,
    unit: comparison.rule.unit,
    smallest: now,
    harm,
    enough,
    needs,
    early,
    says: sayPlan(comparison, fleet, { now, enough, needs, early }, terms.series(comparison).length > 0),
  };
}

/** The smallest harm that is refused with the power asked for; undefined where none is. */
function smallest(
  comparison: Comparison,
  gate: GateSpec,
  fleet: GateFleet,
  minutes: number,
  { refuse, miss, series }: Terms,
): number | undefined {
  const { cameras, controls = 0, blockMinutes } = fleet;
  const settleMinutes = gate.settleMinutes ?? gateDefaults.settleMinutes;
  const hours = Math.max(0, (minutes - settleMinutes) / 60);
  const { kind } = comparison.rule;
  if (hours === 0) return undefined;
  if (kind === 'events') return smallestRate(cameras * hours, refuse, miss);
  if (kind === 'share') return smallestShare(Math.floor((cameras * minutes) / answerMinutes), refuse, miss);
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
  const found = (normalQuantile(refuse) + normalQuantile(miss)) * deviation;
  const value = fromScale(comparison, found);
  return value > 1 && comparison.rule.unit === 'share' && comparison.direction !== 'up' ? undefined : value;
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
  }: Pick<PlannedMetric, 'enough' | 'needs' | 'early'> & { readonly now: number | undefined },
  known: boolean,
): string {
  const name = nameOf(comparison);
  const where = `With ${cameras} ${comparison.rule.of}${cameras === 1 ? '' : 's'}${controls > 0 ? `, ${controls} control` : ''} and ${soakMinutes} min`;
  if (comparison.rule.kind === 'bound')
    return `${name}: what two models differ in is known when they have run on the same frames.`;
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
