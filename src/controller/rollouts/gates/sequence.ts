import { bisect } from './normal.ts';

/**
 * How many standard errors a mean may be off at any time before that is too much, with probability `alpha` over all times:
 * the one-sided boundary of a normal mixture (Robbins 1970; Howard, Ramdas, McAuliffe, Sekhon 2021), which an asymptotic
 * confidence sequence has too (Waudby-Smith et al., arXiv 2103.06476). `share`: information so far over that at which the
 * boundary is to be narrowest.
 */
export function sequenceWidth(share: number, alpha: number): number {
  const rho = tuned(alpha);
  const v = Math.max(1e-9, share);
  return Math.sqrt((2 * (v + rho)) / v) * Math.sqrt(Math.log1p(Math.sqrt((v + rho) / rho) / (2 * alpha)));
}

/** The p-value that goes with it: the smallest `alpha` whose boundary `z` reaches. */
export function sequencePValue(z: number, share: number): number {
  if (!(z > 0)) return 1;
  const log = bisect((x) => sequenceWidth(share, Math.exp(x)) > z, Math.log(1e-12), Math.log(0.5));
  const alpha = Math.exp(log);
  return alpha >= 0.499 ? 1 : alpha;
}

/** Waudby-Smith et al., appendix: near the best mixture for information 1. */
function tuned(alpha: number): number {
  const log = -2 * Math.log(2 * alpha);
  return log <= 0 ? 1 : 1 / (log + Math.log1p(log));
}
