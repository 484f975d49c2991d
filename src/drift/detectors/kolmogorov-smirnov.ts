import { total } from './total.ts';

/** Largest distance between two distribution functions given as counts over the same bins, 0..1; NaN where one is empty. */
export function ksDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const totalA = total(a);
  const totalB = total(b);
  if (!(totalA > 0) || !(totalB > 0)) return Number.NaN;
  let sumA = 0;
  let sumB = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    sumA += a[i]!;
    sumB += b[i]!;
    largest = Math.max(largest, Math.abs(sumA / totalA - sumB / totalB));
  }
  return largest;
}
