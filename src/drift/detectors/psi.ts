/**
 * Population stability index, sum of (p - q) ln(p / q) over bins; empty bins count as `floor` of the whole, so that one
 * new value does not make it infinite. 0.1 and 0.2 are the usual marks. NaN where a side is empty.
 */
export function psi(counts: ArrayLike<number>, reference: ArrayLike<number>, floor = 1e-3): number {
  let total = 0;
  let totalReference = 0;
  for (let i = 0; i < counts.length; i++) {
    total += counts[i]!;
    totalReference += reference[i]!;
  }
  if (!(total > 0) || !(totalReference > 0)) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const p = Math.max(counts[i]! / total, floor);
    const q = Math.max(reference[i]! / totalReference, floor);
    sum += (p - q) * Math.log(p / q);
  }
  return sum;
}
