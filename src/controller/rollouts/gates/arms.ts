import type { Contrast } from './contrast.ts';
import type { Member, PretendedChange } from './pretended.ts';

/** What every member weighs within its arm: the steadier ones more, no one alone. Sums to 1 in each arm. */
export function weighMembers(
  members: readonly Member[],
  pretended: readonly PretendedChange[],
  carried: number,
): number[] {
  const variances = members.map((_, index) => {
    const own = pretended.flatMap((contrasts) => {
      const contrast = contrasts[index];
      return contrast === undefined ? [] : [(contrast.after - carried * contrast.before) ** 2];
    });
    return own.length === 0 ? undefined : own.reduce((sum, one) => sum + one, 0) / own.length;
  });
  const known = variances.filter((variance) => variance !== undefined);
  const typical = known.length === 0 ? 1 : known.reduce((sum, one) => sum + one, 0) / known.length;
  return variances.map((variance) => 1 / ((variance ?? typical) + typical + 1e-12));
}

export interface Difference {
  readonly difference: number;
  readonly scarcity: number;
}

/** Treated minus control, weighed; members without a contrast are left out. Undefined where the treated have none. */
export function differenceOf(
  members: readonly Member[],
  contrasts: readonly (Contrast | undefined)[],
  weights: readonly number[],
  carried: number,
): Difference | undefined {
  let difference = 0;
  let scarcity = 0;
  for (const arm of ['treated', 'control'] as const) {
    let sum = 0;
    let total = 0;
    let squares = 0;
    for (const [index, { sums }] of members.entries()) {
      const contrast = contrasts[index];
      if (contrast === undefined || sums.series.subject.arm !== arm) continue;
      const weight = weights[index]!;
      sum += weight * (contrast.after - carried * contrast.before);
      squares += weight * weight * contrast.scarcity;
      total += weight;
    }
    if (total === 0 && arm === 'treated') return undefined;
    if (total === 0) continue;
    difference += (arm === 'treated' ? 1 : -1) * (sum / total);
    scarcity += squares / (total * total);
  }
  return { difference, scarcity };
}
