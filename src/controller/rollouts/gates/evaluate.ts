import { holm, type Steps, stepsAtOnce } from '../../../base/index.ts';
import { comparisonsOf, type Grid, usualEnd, wantedKeys, withControlTimes } from './comparisons.ts';
import { gateDefaults } from './defaults.ts';
import { compareEvents } from './events.ts';
import type { Look } from './finding.ts';
import type { GateEvidence, GateLook, GateSpec, GateSubject, GateVerdict, PlannedLook } from './gate.ts';
import { type Chance, firstChange, guardChances, guardShare } from './guard.ts';
import { compareLevels } from './level.ts';
import { comparePaired } from './paired.ts';
import { type Series, seriesOf } from './series.ts';
import { compareShares } from './shares.ts';
import { beforeGone, sidesOf } from './sides.ts';
import { spentAt } from './spending.ts';
import type { Comparison } from './table.ts';
import { passes, summarize, verdictOf } from './verdict.ts';
import { newestPart } from './windows.ts';
import { type Standing, standsWithoutOne } from './without-one.ts';

/**
 * What the evidence says of a gate. It fails when a metric is worse than chance explains and not proven to be within the
 * harm that is allowed; it passes when every metric is proven to be within it.
 */
export function evaluateGate(gate: GateSpec, evidence: GateEvidence): GateVerdict {
  return stepsAtOnce(gateSteps(gate, evidence));
}

/** What is asked of a comparison at one look: what it says, at which level, and the tail that a pass needs. */
interface Answer extends Chance {
  readonly comparison: Comparison;
}

/** The same, step by step: evidence of many cameras takes seconds. */
export function* gateSteps(gate: GateSpec, given: GateEvidence): Steps<GateVerdict> {
  const evidence = withControlTimes(given);
  const { blockMinutes, look } = evidence;
  const endMs = evidence.nowMs ?? usualEnd(evidence.subjects) + blockMinutes * 60_000;
  const grids = yield* gridsOf(gate, evidence, endMs);
  const comparisons = gate.metrics.flatMap((metric) => comparisonsOf(metric, grids));
  const level = levelOf(gate, look);
  const miss = 1 - (gate.power ?? gateDefaults.power);
  const share = guardShare(evidence);
  const firstBlock = firstChange(evidence);
  const answers: Answer[] = [];
  const standings: Standing[] = [];
  for (const comparison of comparisons) {
    const series = seriesFor(comparison, grids);
    const options = { blockMinutes, level: level / Math.max(1, comparisons.length) };
    const compare = (part: readonly Series[]) => compareSeries(gate, comparison, part, options);
    const endBlock = Math.floor(endMs / (blockMinutes * 60_000));
    const guard = () => guardChances(series, { blockMinutes, endBlock, firstBlock, share, miss }, compare);
    const once = () => lookAt(gate, comparison, series, options);
    const answer = { comparison, ...(yield* answerTo(gate, look, level, guard, once)) };
    answers.push(answer);
    // The level is that of a harm that is seen, and nothing is spent: only an estimate is asked for.
    const withoutOne = (part: readonly Series[]) => lookAt(gate, comparison, part, { ...options, level: 1 });
    // A guard passes nothing.
    const asks = look !== 'always' && passes(comparison, answer);
    standings.push(asks ? yield* standsWithoutOne(comparison, series, withoutOne) : {});
    yield;
  }
  const pValues = answers.map(({ pValue }) => pValue);
  const refused = new Set(holm(pValues.map(Math.log), Math.log(level)));
  return summarize(
    answers.map(({ comparison, ...answer }, index) =>
      verdictOf(comparison, answer.look, { ...answer, ...standings[index]!, refused: refused.has(index) }),
    ),
  );
}

function* answerTo(
  gate: GateSpec,
  look: GateLook,
  level: number,
  guard: () => Steps<Chance>,
  once: () => Steps<Look>,
): Steps<Chance> {
  if (look === 'always') return yield* guard();
  const found = yield* once();
  const passTail = passTailOf(gate, look);
  if (look !== 'again') return { look: found, pValue: found.kind === 'missing' ? 1 : found.pValue, passTail };
  // The looks have spent what they had: it passes as they do, and refuses as a guard.
  const chance = yield* guard();
  return chance.pValue <= level ? chance : { look: found, pValue: chance.pValue, passTail };
}

/** Where only the last look may pass, it has all of what may be missed; so has each that a person asks for after it. */
function passTailOf(
  { power = gateDefaults.power, passEarly = false }: GateSpec,
  look: PlannedLook | 'again',
): number {
  const last = look === 'again' || (!passEarly && look.number === look.of);
  return last ? 1 - power : spentAt(look, 1 - power);
}

export function* gridsOf(
  gate: GateSpec,
  { subjects, blockMinutes }: Pick<GateEvidence, 'subjects' | 'blockMinutes'>,
  endMs: number,
): Steps<Grid[]> {
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

export function seriesFor({ key, rule }: Comparison, grids: readonly Grid[]): Series[] {
  return grids
    .map((grid) => grid.get(key))
    .filter((one) => one !== undefined)
    .filter(({ subject }) => (subject.camera === '') === (rule.of === 'device'));
}

export interface LookOptions {
  readonly blockMinutes: number;
  /** What this comparison may spend at the look. */
  readonly level: number;
}

/** One look at one comparison. The plan uses the same function, so that both agree. */
export function* lookAt(
  gate: GateSpec,
  comparison: Comparison,
  series: readonly Series[],
  options: LookOptions,
): Steps<Look> {
  const compare = (part: readonly Series[]) => compareSeries(gate, comparison, part, options);
  return yield* lookOnce(series, options.blockMinutes, compare);
}

function* compareSeries(
  gate: GateSpec,
  comparison: Comparison,
  series: readonly Series[],
  { blockMinutes, level }: LookOptions,
): Steps<Look> {
  const leastBlocks = gate.leastBlocks ?? gateDefaults.leastBlocks;
  const { kind } = comparison.rule;
  if (kind === 'bound' || (gate.comparison === 'shadow' && kind === 'level'))
    return comparePaired(comparison, series, leastBlocks);
  if (kind === 'events') return compareEvents(comparison, series, leastBlocks);
  if (kind === 'share') return compareShares(comparison, series);
  // What is before is the measure here: without it a device has no say, also not in how many must have one.
  const known = series.filter(({ subject }) => subject.beforeGone !== true);
  const isLost = (arm: GateSubject['arm']) => {
    const has = (part: readonly Series[]) => part.some(({ subject }) => subject.arm === arm);
    return has(series) && !has(known);
  };
  // Without the control that was asked for, what changed everywhere would count as harm.
  if (isLost('treated') || (gate.comparison === 'control' && isLost('control')))
    return beforeGone(sidesOf(series));
  return yield* compareLevels(comparison, known, { blockMinutes, leastBlocks, level });
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
  look: GateLook,
): number {
  const total = falseAbort / Math.max(1, waves) / (guarded ? 2 : 1);
  return typeof look === 'string' ? total : spentAt(look, total);
}
