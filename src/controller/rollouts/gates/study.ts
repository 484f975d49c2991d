import type { Steps } from '../../../base/index.ts';
import { type Contrast, contrastOf } from './contrast.ts';
import { type Baseline, sumsOf } from './expected.ts';
import { carriedOver, type Member, type PretendedChange, pretendChanges } from './pretended.ts';
import type { Series } from './series.ts';
import type { Comparison } from './table.ts';
import { trendContrast } from './trend.ts';

/** So many pretended changes that do not overlap are needed before their spread says anything. */
export const leastFreedom = 6;
const beforeMinutes = 120;
const mostAfterMinutes = 360;
const minutesPerDay = 1440;

export interface Study {
  readonly baseline: Baseline;
  readonly members: readonly Member[];
  readonly contrasts: readonly (Contrast | undefined)[];
  readonly pretended: readonly PretendedChange[];
  readonly carried: number;
  readonly freedom: number;
}

/** With the days before as the measure where they are known, else with what was just before. */
export function* studyOf(
  comparison: Comparison,
  series: readonly Series[],
  blockMinutes: number,
): Steps<Study | undefined> {
  const trend = comparison.rule.kind === 'trend';
  const days = trend ? undefined : yield* tryBaseline('day', comparison, series, blockMinutes);
  if (days !== undefined && days.freedom >= leastFreedom) return days;
  // What was just before is no measure of a window that begins hours later.
  if (!trend && series.some(isLater)) return days;
  return (yield* tryBaseline('flat', comparison, series, blockMinutes)) ?? days;
}

function* tryBaseline(
  baseline: Baseline,
  { rule }: Comparison,
  series: readonly Series[],
  blockMinutes: number,
): Steps<Study | undefined> {
  const most = mostAfter(series, blockMinutes);
  const members: Member[] = [];
  for (const one of series) {
    const { settle, changed } = one;
    const after = Math.min(most, afterOf(one));
    const before = isLater(one) ? 0 : Math.max(1, Math.min(changed, Math.ceil(beforeMinutes / blockMinutes)));
    const sums = sumsOf(one, baseline, Math.round(minutesPerDay / blockMinutes));
    members.push({ sums, change: { at: changed, before, settle, after } });
    yield;
  }
  const contrast = (member: Member) =>
    rule.kind === 'trend'
      ? trendContrast(member.sums.series, member.change, blockMinutes)
      : contrastOf(member.sums, member.change, rule.scale);
  const contrasts = members.map(contrast);
  if (!contrasts.some((one) => one !== undefined)) return undefined;
  const pretended = yield* pretendChanges(members, contrast);
  const carried = rule.kind === 'trend' ? 0 : baseline === 'flat' ? 1 : carriedOver(pretended);
  const freedom = Math.floor((pretended.length + 1) / 2);
  return { baseline, members, contrasts, pretended, carried, freedom };
}

function isLater({ changed, usual }: Series): boolean {
  return usual < changed;
}

function afterOf({ value, changed, settle }: Series): number {
  return Math.max(1, value.length - changed - settle);
}

/** Of devices of earlier waves the first hours count: with windows of days there would be too few pretended changes. */
function mostAfter(series: readonly Series[], blockMinutes: number): number {
  const treated = series.filter(({ subject }) => subject.arm === 'treated').map(afterOf);
  return Math.max(Math.ceil(mostAfterMinutes / blockMinutes), Math.min(...treated));
}
