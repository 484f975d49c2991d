import { gateDefaults } from './defaults.ts';
import { compareEvents } from './events.ts';
import type { Look } from './finding.ts';
import type {
  GateEvidence,
  GateOutcome,
  GateSpec,
  GateSubject,
  GateVerdict,
  MetricGate,
  MetricVerdict,
} from './gate.ts';
import { compareLevels } from './level.ts';
import { normalQuantile, normalTail as normalTailOf } from './normal.ts';
import { comparePaired } from './paired.ts';
import { sequencePValue, sequenceWidth } from './sequence.ts';
import { type Series, seriesOf } from './series.ts';
import { compareShares } from './shares.ts';
import { holm, spentAt } from './spending.ts';
import { type Comparison, comparisonOf, fromScale, harmOnScale, metricRules } from './table.ts';
import { nameOf, sayAmount, sayEstimate } from './words.ts';

/** A guard is narrowest after so long. */
const guardMinutes = 240;

/**
 * What the evidence says of a gate. It fails when a metric is worse than chance explains and not proven to be within the
 * harm that is allowed; it passes when every metric is proven to be within it.
 */
export function evaluateGate(gate: GateSpec, evidence: GateEvidence): GateVerdict {
  const looks = looksOf(gate, withControlTimes(evidence));
  const share = evidence.look === 'always' ? guardShare(evidence) : 1;
  const level = levelOf(gate, evidence);
  const pValues = looks.map(([, look]) =>
    look.kind === 'missing'
      ? 1
      : evidence.look === 'always'
        ? sequencePValue(normalQuantile(Math.max(1e-15, Math.min(1 - 1e-15, look.pValue))), share)
        : look.pValue,
  );
  const refused = holm(pValues, level);
  const passTail = passTailOf(gate, evidence, share);
  const metrics = looks.map(([comparison, look], index) =>
    verdictOf(comparison, look, { refused: refused[index]!, pValue: pValues[index]!, passTail }),
  );
  return summarize(metrics);
}

function looksOf(gate: GateSpec, evidence: GateEvidence): [Comparison, Look][] {
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
    const level = levelOf(gate, evidence) / Math.max(1, comparisons.length);
    return [comparison, compareLevels(comparison, series, { blockMinutes, leastBlocks, level })];
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

function levelOf(
  { falseAbort = gateDefaults.falseAbort, waves = 1, guarded = false }: GateSpec,
  { look }: GateEvidence,
): number {
  const total = falseAbort / Math.max(1, waves) / (guarded ? 2 : 1);
  return look === 'always' ? total : spentAt(look, total);
}

/** Time since the middle change over that at which a guard is narrowest. */
function guardShare({ subjects, blockMinutes }: GateEvidence): number {
  const after = subjects
    .filter(({ arm, changedMs }) => arm === 'treated' && changedMs !== undefined)
    .map(
      ({ blocks, changedMs }) => blocks.filter(({ startMs }) => startMs >= changedMs!).length * blockMinutes,
    );
  const most = Math.max(0, ...after);
  return Math.max(0.01, most / guardMinutes);
}

function passTailOf({ power = gateDefaults.power }: GateSpec, { look }: GateEvidence, share: number): number {
  const miss = 1 - power;
  if (look !== 'always') return spentAt(look, miss);
  // The same boundary from the other side, as a tail of the normal.
  return Math.max(1e-15, normalTailOf(sequenceWidth(share, miss / 2)));
}

function verdictOf(
  comparison: Comparison,
  look: Look,
  {
    refused,
    pValue,
    passTail,
  }: { readonly refused: boolean; readonly pValue: number; readonly passTail: number },
): MetricVerdict {
  const about = {
    metric: comparison.metric,
    ...(comparison.label === undefined ? {} : { label: comparison.label }),
    harm: comparison.harm,
    unit: comparison.rule.unit,
    ...look.sides,
  };
  if (look.kind === 'missing')
    return {
      ...about,
      outcome: look.outcome === 'nothing' ? 'no-data' : 'inconclusive',
      method: 'none',
      says: `${nameOf(comparison)}: ${look.why}`,
      settle: look.settle,
    };
  const harm = harmOnScale(comparison);
  const within = look.upper(passTail) < harm;
  const outcome: GateOutcome = within ? 'pass' : refused ? 'fail' : 'inconclusive';
  const seen = sayEstimate(comparison, look);
  return {
    ...about,
    outcome,
    estimate: fromScale(comparison, look.estimate),
    interval: [fromScale(comparison, look.lower(0.05)), fromScale(comparison, look.upper(0.05))],
    pValue,
    method: look.method,
    says: `${seen}; ${reason[outcome](sayAmount(comparison, comparison.harm))}`,
    ...(outcome === 'inconclusive' ? { settle: settleOf(comparison, look, passTail) } : {}),
  };
}

const reason: Readonly<Record<GateOutcome, (harm: string) => string>> = {
  pass: (harm) => `a harm of ${harm} is ruled out.`,
  fail: () => 'that is more than chance explains.',
  inconclusive: (harm) => `a harm of ${harm} is neither shown nor ruled out.`,
  'no-data': () => 'no data.',
};

/** Noise goes down with the root of cameras and of time, as far as time is independent. */
function settleOf(comparison: Comparison, look: Look & { readonly kind: 'found' }, passTail: number): string {
  if (look.deviation === undefined) return 'More hours after the change.';
  const room = harmOnScale(comparison) - Math.max(0, Math.min(look.estimate, harmOnScale(comparison) / 2));
  const times = Math.max(1.1, ((look.upper(passTail) - look.estimate) / room) ** 2);
  return `About ${Math.ceil(10 * times) / 10} times as many minutes or cameras, or a larger harm that may pass.`;
}

const order: readonly GateOutcome[] = ['fail', 'inconclusive', 'no-data', 'pass'];

function summarize(metrics: readonly MetricVerdict[]): GateVerdict {
  const outcome = order.find((one) => metrics.some((metric) => metric.outcome === one)) ?? 'no-data';
  const of = metrics.filter((metric) => metric.outcome === outcome);
  const says =
    metrics.length === 0
      ? 'The gate has no metrics.'
      : outcome === 'pass'
        ? `All ${metrics.length} comparisons are within what is allowed.`
        : of.map((metric) => metric.says).join(' ');
  const settle = [...new Set(metrics.flatMap((metric) => metric.settle ?? []))];
  return { outcome, says, settle, metrics };
}
