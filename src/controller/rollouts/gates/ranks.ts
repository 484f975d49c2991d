import { seededRandom } from '../../../drift/index.ts';

const mostExact = 20_000;
const draws = 20_000;

/**
 * P(the first `treated` of these values lie so much above the rest, or more) when nobody knows which is which: all
 * assignments where they are few, else a seeded sample of them that counts the one that is there.
 */
export function permutationPValue(values: readonly number[], treated: number): number {
  const n = values.length;
  if (treated <= 0 || treated >= n) return 1;
  const seen = sumOf(values.slice(0, treated)) - 1e-12;
  if (choose(n, treated) <= mostExact) {
    let all = 0;
    let asHigh = 0;
    forEachSum(values, treated, (sum) => {
      all++;
      if (sum >= seen) asHigh++;
    });
    return asHigh / all;
  }
  const random = seededRandom(n * 131 + treated);
  const order = [...values];
  let asHigh = 1;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (let i = 0; i < treated; i++) {
      const j = i + random.below(n - i);
      [order[i], order[j]] = [order[j]!, order[i]!];
      sum += order[i]!;
    }
    if (sum >= seen) asHigh++;
  }
  return asHigh / (draws + 1);
}

/** The smallest p-value that so many of so many can give. */
export function leastPValue(treated: number, controls: number): number {
  return 1 / choose(treated + controls, treated);
}

function choose(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) value = (value * (n + 1 - i)) / i;
  return Math.round(value);
}

function forEachSum(values: readonly number[], take: number, visit: (sum: number) => void): void {
  const go = (from: number, left: number, sum: number): void => {
    if (left === 0) {
      visit(sum);
      return;
    }
    for (let i = from; i <= values.length - left; i++) go(i + 1, left - 1, sum + values[i]!);
  };
  go(0, take, 0);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
