import { total } from './total.ts';

type Counts = Readonly<Record<string, number>>;

/** Half the sum of the differences of the shares: 0 for the same mix, 1 for another. */
export function mixDistance(a: Counts, b: Counts): number {
  const [totalA, totalB] = [total(Object.values(a)), total(Object.values(b))];
  const labels = new Set([...Object.keys(a), ...Object.keys(b)]);
  let sum = 0;
  for (const label of labels) sum += Math.abs((a[label] ?? 0) / totalA - (b[label] ?? 0) / totalB);
  return sum / 2;
}
