import { normalQuantile, normalTail } from '../../../base/index.ts';
import type { PlannedLook } from './gate.ts';

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
