import { defined } from '../../../base/index.ts';
import type { Look } from './finding.ts';
import type { GateOutcome, GateVerdict, MetricVerdict } from './gate.ts';
import { type Comparison, fromScale, harmOnScale, ruleOf } from './table.ts';
import type { Standing } from './without-one.ts';
import { nameOf, sayAmount, sayEstimate } from './words.ts';

interface Answered extends Standing {
  readonly refused: boolean;
  readonly pValue: number;
  readonly passTail: number;
}

/** A harm that is worth finding is ruled out. */
export function passes(
  comparison: Comparison,
  { look, passTail }: { readonly look: Look; readonly passTail: number },
): boolean {
  return look.kind === 'found' && look.upper(passTail) < harmOnScale(comparison);
}

export function verdictOf(
  comparison: Comparison,
  look: Look,
  { refused, pValue, passTail, alone, hinges }: Answered,
): MetricVerdict {
  const about = {
    metric: comparison.metric,
    ...defined({ label: comparison.label }),
    harm: comparison.harm,
    unit: comparison.rule.unit,
    seenBy: comparison.rule.seenBy ?? ('device' as const),
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
  const within = passes(comparison, { look, passTail });
  // A device that lies about itself must not let a version pass, so this is neither a pass nor, by chance, a fail.
  const outcome: GateOutcome = within && hinges === undefined ? 'pass' : refused ? 'fail' : 'inconclusive';
  const seen = sayEstimate(comparison, look);
  return {
    ...about,
    outcome,
    estimate: fromScale(comparison, look.estimate),
    interval: [fromScale(comparison, look.lower(0.05)), fromScale(comparison, look.upper(0.05))],
    pValue,
    method: look.method,
    ...(outcome === 'pass' ? defined({ alone }) : {}),
    ...defined({ hinges: hinges?.device }),
    says: `${seen}; ${hinges === undefined ? reason[outcome](sayAmount(comparison, comparison.harm)) : `${hinges.device} alone says so: without it, ${sayEstimate(comparison, hinges.found)}.`}`,
    ...(outcome === 'inconclusive'
      ? { settle: hinges === undefined ? settleOf(comparison, look, passTail) : doubt(hinges.device) }
      : {}),
  };
}

const reason: Readonly<Record<GateOutcome, (harm: string) => string>> = {
  pass: (harm) => `a harm of ${harm} is ruled out.`,
  fail: () => 'that is more than chance explains.',
  inconclusive: (harm) => `a harm of ${harm} is neither shown nor ruled out.`,
  'no-data': () => 'no data.',
};

function doubt(device: string): string {
  return `Check ${device}: it may be broken, or send false numbers. Remove it from the fleet or the control group, or add devices.`;
}

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
        ? `All ${metrics.length} comparisons are within what is allowed; ${measuredBy(metrics)}.`
        : of.map((metric) => metric.says).join(' ');
  const settle = [...new Set(metrics.flatMap((metric) => metric.settle ?? []))];
  return { outcome, says, settle, metrics };
}

/** Which signals a device can't choose alone: a pass without any rests on what devices say of themselves. */
function measuredBy(metrics: readonly MetricVerdict[]): string {
  const own = metrics.filter(({ seenBy }) => seenBy === 'controller');
  if (own.length === 0) return 'devices measured all of them';
  const words = own.map(({ metric }) => ruleOf(metric).words).join(', ');
  return own.length === metrics.length
    ? 'the controller measured all of them'
    : `devices measured all but ${words}`;
}
