import { stepsAtOnce } from '../../../base/index.ts';
import { contrastOf } from './contrast.ts';
import { sumsOf } from './expected.ts';
import { carriedOver, type Member, pretendChanges } from './pretended.ts';
import type { Series } from './series.ts';
import type { Comparison } from './table.ts';
import { trendContrast } from './trend.ts';

export interface Window {
  readonly blockMinutes: number;
  readonly soakMinutes: number;
  readonly settleMinutes: number;
}

const beforeMinutes = 120;

/** How far the contrast of one camera strays over so long a soak where nothing is changed; undefined without history. */
export function spreadOf(
  comparison: Comparison,
  series: readonly Series[],
  window: Window,
): number | undefined {
  const { blockMinutes, soakMinutes, settleMinutes } = window;
  const blocks = (minutes: number) => Math.ceil(minutes / blockMinutes);
  const { rule } = comparison;
  const settle = blocks(settleMinutes);
  const after = Math.max(1, blocks(soakMinutes) - settle);
  for (const baseline of rule.kind === 'trend' ? (['flat'] as const) : (['day', 'flat'] as const)) {
    const members = series.map(
      (one): Member => ({
        sums: sumsOf(one, baseline, Math.round(1440 / blockMinutes)),
        change: { at: one.value.length, before: blocks(beforeMinutes), settle, after },
      }),
    );
    const pretended = stepsAtOnce(
      pretendChanges(members, (member) =>
        rule.kind === 'trend'
          ? trendContrast(member.sums.series, member.change, blockMinutes)
          : contrastOf(member.sums, member.change, rule.scale),
      ),
    );
    const carried = rule.kind === 'trend' ? 0 : baseline === 'flat' ? 1 : carriedOver(pretended);
    const residuals = pretended
      .flat()
      .filter((one) => one !== undefined)
      .map((one) => one.after - carried * one.before);
    if (pretended.length >= leastPretended)
      return Math.sqrt(residuals.reduce((sum, one) => sum + one * one, 0) / residuals.length);
  }
  return undefined;
}

const leastPretended = 6;
