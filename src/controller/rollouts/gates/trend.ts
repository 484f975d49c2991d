import type { Change, Contrast } from './contrast.ts';
import type { Series } from './series.ts';

/** How fast a series grows after and before a change, as a share per hour: slope of its logarithm, least squares. */
export function trendContrast(series: Series, change: Change, blockMinutes: number): Contrast | undefined {
  const from = change.at + change.settle;
  const after = slope(series, from, from + change.after, blockMinutes);
  if (after === undefined) return undefined;
  return { after, before: 0, scarcity: 1 };
}

const leastPoints = 4;

function slope(
  { value, weight }: Series,
  from: number,
  to: number,
  blockMinutes: number,
): number | undefined {
  if (from < 0 || to > value.length) return undefined;
  let n = 0;
  let sumX = 0;
  let sumY = 0;
  let sumXX = 0;
  let sumXY = 0;
  for (let at = from; at < to; at++) {
    if (!(weight[at]! > 0) || !(value[at]! > 0)) continue;
    const x = ((at - from) * blockMinutes) / 60;
    const y = Math.log(value[at]!);
    n++;
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumXY += x * y;
  }
  const spread = n * sumXX - sumX * sumX;
  if (n < leastPoints || n < (to - from) / 2 || !(spread > 0)) return undefined;
  return (n * sumXY - sumX * sumY) / spread;
}
