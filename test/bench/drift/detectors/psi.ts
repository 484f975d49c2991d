import { total } from '../../../../src/drift/detectors/total.ts';

/**
 * Population stability index, sum of (p - q) ln(p / q) over bins; empty bins count as `floor` of the whole, so that one
 * new value does not make it infinite. 0.1 and 0.2 are the usual marks. NaN where a side is empty.
 */
export function psi(counts: ArrayLike<number>, reference: ArrayLike<number>, floor = 1e-3): number {
  const live = total(counts);
  const usual = total(reference);
  if (!(live > 0) || !(usual > 0)) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const p = Math.max(counts[i]! / live, floor);
    const q = Math.max(reference[i]! / usual, floor);
    sum += (p - q) * Math.log(p / q);
  }
  return sum;
}
