/**
 * Holm's step-down (1979) on logs of p-values: which hypotheses fall at family-wise level `alpha`, the surest first.
 * A p-value here is the reciprocal of the run length: how often per tick the value is reached without a fault.
 */
export function holm(logPValues: readonly number[], logAlpha: number): number[] {
  const order = logPValues
    .map((_, index) => index)
    .filter((index) => !Number.isNaN(logPValues[index]!))
    .sort((a, b) => logPValues[a]! - logPValues[b]!);
  const rejected: number[] = [];
  for (const [rank, index] of order.entries()) {
    if (logPValues[index]! > logAlpha - Math.log(order.length - rank)) break;
    rejected.push(index);
  }
  return rejected;
}
