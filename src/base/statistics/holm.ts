/**
 * Holm's step-down (1979) on logs of p-values: which hypotheses fall at family-wise level `alpha`, the surest first.
 * A p-value here is the reciprocal of the run length: how often per tick the value is reached without a fault.
 * `weights`: how much of alpha each one may use, in proportion (his weighted form); default all alike.
 */
export function holm(
  logPValues: readonly number[],
  logAlpha: number,
  weights: ArrayLike<number> = new Float64Array(logPValues.length).fill(1),
): number[] {
  const order = logPValues
    .map((_, index) => index)
    .filter((index) => !Number.isNaN(logPValues[index]!))
    .sort((a, b) => logPValues[a]! - Math.log(weights[a]!) - (logPValues[b]! - Math.log(weights[b]!)));
  let left = order.reduce((sum, index) => sum + weights[index]!, 0);
  const rejected: number[] = [];
  for (const index of order) {
    if (logPValues[index]! > logAlpha + Math.log(weights[index]! / left)) break;
    rejected.push(index);
    left -= weights[index]!;
  }
  return rejected;
}
