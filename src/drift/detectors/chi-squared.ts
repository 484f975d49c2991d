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
