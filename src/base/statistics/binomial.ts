import { logGamma } from './log-gamma.ts';

/** P(X >= least) of a binomial X, exact: the sum of its terms, added up from the shorter side. */
export function binomialAtLeast(trials: number, least: number, probability: number): number {
  if (least <= 0) return 1;
  if (least > trials || probability <= 0) return 0;
  if (probability >= 1) return 1;
  if (least > trials * probability) return Math.min(1, termSum(trials, least, trials, probability));
  return Math.max(0, 1 - termSum(trials, 0, least - 1, probability));
}

function termSum(trials: number, from: number, to: number, probability: number): number {
  const logOdds = Math.log(probability) - Math.log1p(-probability);
  let logTerm =
    logGamma(trials + 1) -
    logGamma(from + 1) -
    logGamma(trials - from + 1) +
    from * logOdds +
    trials * Math.log1p(-probability);
  let sum = 0;
  for (let k = from; k <= to; k++) {
    const term = Math.exp(logTerm);
    sum += term;
    // Beyond the mode they only get smaller: what adds nothing to the sum is its end.
    if (k > trials * probability && term <= sum * 1e-18) break;
    logTerm += Math.log(trials - k) - Math.log(k + 1) + logOdds;
  }
  return sum;
}
