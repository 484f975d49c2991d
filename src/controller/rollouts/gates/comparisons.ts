import type { GateEvidence, GateMetric, GateSubject, MetricGate } from './gate.ts';
import type { Series } from './series.ts';
import { type Comparison, comparisonOf, keyOf, namedParts, ruleOf } from './table.ts';

/** Of the newest blocks of all subjects the middle one: one clock that is wrong moves it nowhere. */
export function usualEnd(subjects: readonly GateSubject[]): number {
  const newest = subjects
    .map(({ blocks }) => blocks.filter(({ startMs }) => Number.isFinite(startMs)).at(-1)?.startMs ?? 0)
    .filter((startMs) => startMs > 0)
    .sort((a, b) => a - b);
  return newest[Math.floor(newest.length / 2)] ?? 0;
}

export function wantedKeys(metrics: readonly MetricGate[]): (key: string) => boolean {
  const keys = new Set<string>(metrics.map(({ metric }) => keyOf(metric)));
  const prefixes = metrics.flatMap(({ metric }) => prefixOf(metric) ?? []);
  return (key) => keys.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
}

export type Grid = ReadonlyMap<string, Series>;

/** The class mix is one comparison for each class that the wave and its control saw; so are zones and lines. */
export function comparisonsOf(metric: MetricGate, grids: readonly Grid[]): Comparison[] {
  const prefix = prefixOf(metric.metric);
  if (prefix === undefined) return [comparisonOf(metric)];
  const labels = namedParts(metric) ?? seenParts(grids, prefix);
  return labels.length === 0 ? [comparisonOf(metric)] : labels.map((label) => comparisonOf(metric, label));
}

function prefixOf(metric: GateMetric): string | undefined {
  const { parts } = ruleOf(metric);
  return parts && `${parts.key}:`;
}

const mostParts = 12;
/** All detections, if no class is named. */
const leastShare = 0.01;

function seenParts(grids: readonly Grid[], prefix: string): string[] {
  const counts = new Map<string, number>();
  let all = 0;
  for (const grid of grids)
    for (const [key, { value, weight }] of grid) {
      if (!key.startsWith(prefix)) continue;
      const count = value.reduce((sum, one, at) => sum + one * weight[at]!, 0);
      const name = key.slice(prefix.length);
      counts.set(name, (counts.get(name) ?? 0) + count);
      all += count;
    }
  return [...counts]
    .filter(([, count]) => count > leastShare * all)
    .sort(([, a], [, b]) => b - a)
    .slice(0, mostParts)
    .map(([label]) => label);
}

/** A control that was not restarted counts from the middle of the wave's changes on. */
export function withControlTimes(evidence: GateEvidence): GateEvidence {
  const treated = evidence.subjects.filter(({ arm }) => arm === 'treated');
  const known = treated.filter(({ beforeGone }) => beforeGone !== true);
  const changes = (known.length > 0 ? known : treated)
    .flatMap(({ changedMs }) => changedMs ?? [])
    .sort((a, b) => a - b);
  const middle = changes[Math.floor(changes.length / 2)];
  const subjects = evidence.subjects.map((subject) =>
    subject.arm === 'control' && subject.changedMs === undefined && middle !== undefined
      ? { ...subject, changedMs: middle }
      : subject,
  );
  return { ...evidence, subjects };
}
