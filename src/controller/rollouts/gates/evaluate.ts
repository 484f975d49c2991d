import { gateDefaults } from './defaults.ts';
import type { Look } from './finding.ts';
import { findingsOf } from './findings.ts';
import type { GateEvidence, GateLook, GateOutcome, GateSpec, GateVerdict, MetricVerdict } from './gate.ts';
import { normalQuantile, normalTail } from './normal.ts';
import { sequencePValue, sequenceWidth } from './sequence.ts';
import { holm, spentAt } from './spending.ts';
import { type Comparison, fromScale, harmOnScale } from './table.ts';
import { nameOf, sayAmount, sayEstimate } from './words.ts';

/** A guard is narrowest after so long. */
const guardMinutes = 240;

/**
 * What the evidence says of a gate. It fails when a metric is worse than chance explains and not proven to be within the
 * harm that is allowed; it passes when every metric is proven to be within it.
 */
export function evaluateGate(gate: GateSpec, evidence: GateEvidence): GateVerdict {
  return decideGate(gate, evidence, findingsOf(gate, evidence, levelOf(gate, evidence.look)));
}

/** The same, of what was found before: a bench asks many gates of one kind. */
export function decideGate(
  gate: GateSpec,
  evidence: GateEvidence,
  found: readonly (readonly [Comparison, Look])[],
): GateVerdict {
  const { look } = evidence;
  const share = isSequential(look) ? guardShare(evidence) : 1;
  const pValues = found.map(([, one]) =>
    one.kind === 'missing'
      ? 1
      : isSequential(look)
        ? sequencePValue(normalQuantile(Math.max(1e-15, Math.min(1 - 1e-15, one.pValue))), share)
        : one.pValue,
  );
  const refused = holm(pValues, levelOf(gate, look));
  const passTail = passTailOf(gate, look, share);
  const metrics = found.map(([comparison, one], index) =>
    verdictOf(comparison, one, { refused: refused[index]!, pValue: pValues[index]!, passTail }),
  );
  return summarize(metrics);
}

/** What the looks of a wave had to spend is spent, or they are not counted: then only a confidence sequence refuses. */
function isSequential(look: GateLook): look is 'always' | 'again' {
  return look === 'always' || look === 'again';
}

function levelOf(
  { falseAbort = gateDefaults.falseAbort, waves = 1, guarded = false }: GateSpec,
  look: GateLook,
): number {
  const total = falseAbort / Math.max(1, waves) / (guarded ? 2 : 1);
  return isSequential(look) ? total : spentAt(look, total);
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

/** Where only the last look may pass, it has all of what may be missed; so has each that a person asks for after it. */
function passTailOf(
  { power = gateDefaults.power, passEarly = false }: GateSpec,
  look: GateLook,
  share: number,
): number {
  const miss = 1 - power;
  if (look === 'again') return miss;
  // The same boundary from the other side, as a tail of the normal.
  if (look === 'always') return Math.max(1e-15, normalTail(sequenceWidth(share, miss / 2)));
  return !passEarly && look.number === look.of ? miss : spentAt(look, miss);
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
