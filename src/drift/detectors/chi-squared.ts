import { gammaQ } from './special.ts';

export interface ChiSquared {
  readonly statistic: number;
  readonly degrees: number;
  readonly pValue: number;
}

/** Pearson's test of counts against expected shares (scipy.stats.chisquare). Bins that are empty in both are left out. */
export function chiSquared(counts: ArrayLike<number>, shares: ArrayLike<number>): ChiSquared {
  let total = 0;
  let shareTotal = 0;
  for (let i = 0; i < counts.length; i++) {
    total += counts[i]!;
    shareTotal += shares[i]!;
  }
  let statistic = 0;
  let bins = 0;
  for (let i = 0; i < counts.length; i++) {
    const expected = (shares[i]! / shareTotal) * total;
    if (expected > 0) {
      statistic += (counts[i]! - expected) ** 2 / expected;
      bins++;
    } else if (counts[i]! > 0) {
      statistic = Number.POSITIVE_INFINITY;
      bins++;
    }
  }
  const degrees = Math.max(0, bins - 1);
  return { statistic, degrees, pValue: degrees === 0 ? 1 : gammaQ(degrees / 2, statistic / 2) };
}

/**
 * Chi-squared distance of a class mix from the reference per observation: statistic / n, with shares smoothed by
 * `floor`, so that faded counts can be compared over time and a class that was never seen counts for much, not for all.
 */
export function mixDistance(counts: ArrayLike<number>, shares: ArrayLike<number>, floor = 0.01): number {
  let total = 0;
  let shareTotal = 0;
  for (let i = 0; i < counts.length; i++) {
    total += counts[i]!;
    shareTotal += shares[i]! + floor;
  }
  if (!(total > 0)) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const q = (shares[i]! + floor) / shareTotal;
    sum += (counts[i]! / total - q) ** 2 / q;
  }
  return sum;
}
