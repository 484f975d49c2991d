import type { PlannedLook } from './gate.ts';
import { normalQuantile, normalTail } from './normal.ts';

/**
 * What the look `number` of `of` may spend of `total`, with what those from `from` on did not: the spending function of Lan
 * and DeMets (Biometrika 70, 1983) that is like O'Brien and Fleming's boundary (Biometrics 35, 1979): next to nothing early,
 * most at the end. What the looks spend adds up to `total`, so nothing is assumed of how they depend on each other.
 */
export function spentAt({ number, of, from = number }: PlannedLook, total: number): number {
  return spentUntil(number / of, total) - spentUntil((from - 1) / of, total);
}

function spentUntil(share: number, total: number): number {
  if (share <= 0) return 0;
  if (share >= 1) return total;
  return Math.min(total, 2 * normalTail(normalQuantile(total / 2) / Math.sqrt(share)));
}

/** Holm's step-down: which of the p-values are refused, so that with `level` none is refused wrongly. */
export function holm(pValues: readonly number[], level: number): boolean[] {
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!);
  const refused = pValues.map(() => false);
  for (const [rank, index] of order.entries()) {
    if (pValues[index]! > level / (pValues.length - rank)) break;
    refused[index] = true;
  }
  return refused;
}
