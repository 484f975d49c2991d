import { defined } from '../../../base/index.ts';
import type { Look } from './finding.ts';
import type { GateOutcome, GateVerdict, MetricVerdict } from './gate.ts';
import { type Comparison, fromScale, harmOnScale } from './table.ts';
import { nameOf, sayAmount, sayEstimate } from './words.ts';

export function verdictOf(
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
    ...defined({ label: comparison.label }),
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

export function summarize(metrics: readonly MetricVerdict[]): GateVerdict {
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
