import { binomialAtLeast } from './binomial.ts';
import { logGamma } from './log-gamma.ts';
import { bisect } from './tails.ts';

/** P(X >= least) of a Poisson X, by the sum of the shorter side's terms. */
export function poissonAtLeast(least: number, mean: number): number {
  if (least <= 0) return 1;
  if (mean <= 0) return 0;
  let below = 0;
  for (let k = 0; k < least; k++) below += Math.exp(k * Math.log(mean) - mean - logGamma(k + 1));
  return Math.min(1, Math.max(0, 1 - below));
}

/** The mean of which so few would be seen only with probability `tail` (Garwood). */
export function poissonUpper(count: number, tail: number): number {
  return bisect(
    (mean) => 1 - poissonAtLeast(count + 1, mean) > tail,
    0,
    10 * (count + 10) - 10 * Math.log(tail),
  );
}

/** The mean of which so many would be seen only with probability `tail`. */
export function poissonLower(count: number, tail: number): number {
  if (count === 0) return 0;
  return bisect((mean) => poissonAtLeast(count, mean) < tail, 0, 10 * (count + 10));
}

/** The same two of a share (Clopper and Pearson). */
export function binomialUpper(count: number, of: number, tail: number): number {
  if (count >= of) return 1;
  return bisect((share) => 1 - binomialAtLeast(of, count + 1, share) > tail, 0, 1);
}

export function binomialLower(count: number, of: number, tail: number): number {
  if (count <= 0) return 0;
  return bisect((share) => binomialAtLeast(of, count, share) < tail, 0, 1);
}
