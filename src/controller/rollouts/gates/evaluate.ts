import { type Steps, stepsAtOnce } from '../../../base/index.ts';
import { comparisonsOf, type Grid, usualEnd, wantedKeys, withControlTimes } from './comparisons.ts';
import { gateDefaults } from './defaults.ts';
import { compareEvents } from './events.ts';
import type { Look } from './finding.ts';
import type { GateEvidence, GateSpec, GateVerdict } from './gate.ts';
import { guardChances, guardShare } from './guard.ts';
import { compareLevels } from './level.ts';
import { comparePaired } from './paired.ts';
import { type Series, seriesOf } from './series.ts';
import { compareShares } from './shares.ts';
import { holm, spentAt } from './spending.ts';
import type { Comparison } from './table.ts';
import { summarize, verdictOf } from './verdict.ts';
import { newestPart } from './windows.ts';

/**
 * What the evidence says of a gate. It fails when a metric is worse than chance explains and not proven to be within the
 * harm that is allowed; it passes when every metric is proven to be within it.
 */
export function evaluateGate(gate: GateSpec, evidence: GateEvidence): GateVerdict {
  return stepsAtOnce(gateSteps(gate, evidence));
}

/** What is asked of a comparison at one look: what it says, at which level, and the tail that a pass needs. */
interface Answer {
  readonly comparison: Comparison;
  readonly look: Look;
  readonly pValue: number;
  readonly passTail: number;
}

/** The same, step by step: evidence of many cameras takes seconds. */
export function* gateSteps(gate: GateSpec, given: GateEvidence): Steps<GateVerdict> {
  const evidence = withControlTimes(given);
  const { blockMinutes, look } = evidence;
  const endMs = evidence.nowMs ?? usualEnd(evidence.subjects) + blockMinutes * 60_000;
  const grids = yield* gridsOf(gate, evidence, endMs);
  const comparisons = gate.metrics.flatMap((metric) => comparisonsOf(metric, grids));
  const level = levelOf(gate, evidence);
  const miss = 1 - (gate.power ?? gateDefaults.power);
  const share = look === 'always' ? guardShare(evidence) : 0;
  const answers: Answer[] = [];
  for (const comparison of comparisons) {
    const series = seriesFor(comparison, grids);
    const compare = (part: readonly Series[]) =>
      compareSeries(gate, comparison, part, { blockMinutes, level: level / Math.max(1, comparisons.length) });
    if (look === 'always') {
      const endBlock = Math.floor(endMs / (blockMinutes * 60_000));
      answers.push({
        comparison,
        ...(yield* guardChances(series, { blockMinutes, endBlock, share, miss }, compare)),
      });
    } else {
      const found = yield* lookOnce(series, blockMinutes, compare);
      const pValue = found.kind === 'missing' ? 1 : found.pValue;
      answers.push({ comparison, look: found, pValue, passTail: spentAt(look, miss) });
    }
    yield;
  }
  const pValues = answers.map(({ pValue }) => pValue);
  const refused = holm(pValues, level);
  return summarize(
    answers.map(({ comparison, ...answer }, index) =>
      verdictOf(comparison, answer.look, { ...answer, refused: refused[index]! }),
    ),
  );
}

function* gridsOf(gate: GateSpec, { subjects, blockMinutes }: GateEvidence, endMs: number): Steps<Grid[]> {
  const settleMinutes = gate.settleMinutes ?? gateDefaults.settleMinutes;
  const wanted = wantedKeys(gate.metrics);
  const grids: Grid[] = [];
  for (const subject of subjects) {
    if (gate.comparison === 'before' && subject.arm !== 'treated') continue;
    grids.push(seriesOf(subject, wanted, { blockMinutes, settleMinutes }, endMs));
    yield;
  }
  return grids;
}

function seriesFor({ key, rule }: Comparison, grids: readonly Grid[]): Series[] {
  return grids
    .map((grid) => grid.get(key))
    .filter((one) => one !== undefined)
    .filter(({ subject }) => (subject.camera === '') === (rule.of === 'device'));
}

function* compareSeries(
  gate: GateSpec,
  comparison: Comparison,
  series: readonly Series[],
  { blockMinutes, level }: { readonly blockMinutes: number; readonly level: number },
): Steps<Look> {
  const leastBlocks = gate.leastBlocks ?? gateDefaults.leastBlocks;
  const { kind } = comparison.rule;
  if (kind === 'bound' || (gate.comparison === 'shadow' && kind === 'level'))
    return comparePaired(comparison, series, leastBlocks);
  if (kind === 'events') return compareEvents(comparison, series, leastBlocks);
  if (kind === 'share') return compareShares(comparison, series);
  return yield* compareLevels(comparison, series, { blockMinutes, leastBlocks, level });
}

/** Days before tell nothing of how a mean of days strays: of a long soak the newest half day is looked at then. */
function* lookOnce(
  series: readonly Series[],
  blockMinutes: number,
  compare: (part: readonly Series[]) => Steps<Look>,
): Steps<Look> {
  const whole = yield* compare(series);
  if (whole.kind === 'found') return whole;
  const newest = newestPart(series, Math.round(720 / blockMinutes), 0);
  if (!newest.some(({ subject }) => subject.arm === 'treated')) return whole;
  const part = yield* compare(newest);
  return part.kind === 'found' ? part : whole;
}

function levelOf(
  { falseAbort = gateDefaults.falseAbort, waves = 1, guarded = false }: GateSpec,
  { look }: GateEvidence,
): number {
  const total = falseAbort / Math.max(1, waves) / (guarded ? 2 : 1);
  return look === 'always' ? total : spentAt(look, total);
}
