import { gateDefaults } from './defaults.ts';
import { compareEvents } from './events.ts';
import type { Look } from './finding.ts';
import type { GateEvidence, GateSpec, GateSubject, MetricGate } from './gate.ts';
import { compareLevels } from './level.ts';
import { comparePaired } from './paired.ts';
import { type Series, seriesOf } from './series.ts';
import { compareShares } from './shares.ts';
import { type Comparison, comparisonOf, metricRules } from './table.ts';

/** What the evidence says of each comparison of a gate, whatever look it is; `level` is what ranks have to reach. */
export function findingsOf(gate: GateSpec, given: GateEvidence, level: number): [Comparison, Look][] {
  const evidence = withControlTimes(given);
  const { blockMinutes, subjects } = evidence;
  const settleMinutes = gate.settleMinutes ?? gateDefaults.settleMinutes;
  const leastBlocks = gate.leastBlocks ?? gateDefaults.leastBlocks;
  const endMs = evidence.nowMs ?? usualEnd(subjects) + blockMinutes * 60_000;
  const kept = gate.comparison === 'before' ? subjects.filter(({ arm }) => arm === 'treated') : subjects;
  const keys = wantedKeys(gate.metrics);
  const grids = kept.map((subject) => seriesOf(subject, keys, { blockMinutes, settleMinutes }, endMs));
  const comparisons = gate.metrics.flatMap((metric) => comparisonsOf(metric, grids));
  return comparisons.map((comparison) => {
    const series = grids
      .map((grid) => grid.get(comparison.key))
      .filter((one) => one !== undefined)
      .filter(({ subject }) => (subject.camera === '') === (comparison.rule.of === 'device'));
    const { kind } = comparison.rule;
    if (kind === 'bound' || (gate.comparison === 'shadow' && kind === 'level'))
      return [comparison, comparePaired(comparison, series, leastBlocks)];
    if (kind === 'events') return [comparison, compareEvents(comparison, series, leastBlocks)];
    if (kind === 'share') return [comparison, compareShares(comparison, series)];
    const share = level / Math.max(1, comparisons.length);
    return [comparison, compareLevels(comparison, series, { blockMinutes, leastBlocks, level: share })];
  });
}

/** Of the newest blocks of all subjects the middle one: one clock that is wrong moves it nowhere. */
function usualEnd(subjects: readonly GateSubject[]): number {
  const newest = subjects
    .map(({ blocks }) => blocks.filter(({ startMs }) => Number.isFinite(startMs)).at(-1)?.startMs ?? 0)
    .filter((startMs) => startMs > 0)
    .sort((a, b) => a - b);
  return newest[Math.floor(newest.length / 2)] ?? 0;
}

function wantedKeys(metrics: readonly MetricGate[]): (key: string) => boolean {
  const keys = new Set<string>(metrics.map(({ metric }) => metricRules[metric].key));
  const classes = metrics.some(({ metric }) => metric === 'class-mix');
  return (key) => keys.has(key) || (classes && key.startsWith('class:'));
}

type Grid = ReadonlyMap<string, Series>;

/** The class mix is one comparison for each class that the wave and its control saw. */
function comparisonsOf(metric: MetricGate, grids: readonly Grid[]): Comparison[] {
  if (metric.metric !== 'class-mix') return [comparisonOf(metric)];
  const labels = metric.classes ?? seenClasses(grids);
  return labels.length === 0 ? [comparisonOf(metric)] : labels.map((label) => comparisonOf(metric, label));
}

const mostClasses = 12;
/** Of all detections, for a class that nobody named. */
const leastShare = 0.01;

function seenClasses(grids: readonly Grid[]): string[] {
  const counts = new Map<string, number>();
  let all = 0;
  for (const grid of grids)
    for (const [key, { value, weight }] of grid) {
      if (!key.startsWith('class:')) continue;
      const count = value.reduce((sum, one, at) => sum + one * weight[at]!, 0);
      counts.set(key.slice(6), (counts.get(key.slice(6)) ?? 0) + count);
      all += count;
    }
  return [...counts]
    .filter(([, count]) => count > leastShare * all)
    .sort(([, a], [, b]) => b - a)
    .slice(0, mostClasses)
    .map(([label]) => label);
}

/** A control that was not restarted counts from the middle of the wave's changes on. */
function withControlTimes(evidence: GateEvidence): GateEvidence {
  const changes = evidence.subjects
    .flatMap(({ arm, changedMs }) => (arm === 'treated' && changedMs !== undefined ? [changedMs] : []))
    .sort((a, b) => a - b);
  const middle = changes[Math.floor(changes.length / 2)];
  const subjects = evidence.subjects.map((subject) =>
    subject.arm === 'control' && subject.changedMs === undefined && middle !== undefined
      ? { ...subject, changedMs: middle }
      : subject,
  );
  return { ...evidence, subjects };
}
