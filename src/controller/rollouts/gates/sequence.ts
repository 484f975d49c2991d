/**
 * How many standard errors a mean may be off at any time before that is too much, with probability `alpha` over all times:
 * the one-sided boundary of a normal mixture (Robbins 1970; Howard, Ramdas, McAuliffe, Sekhon 2021), which an asymptotic
 * confidence sequence has too (Waudby-Smith et al., arXiv 2103.06476). `share`: information so far over that at which the
 * boundary is about narrowest.
 */
export function sequenceWidth(share: number, alpha: number): number {
  const v = Math.max(least, share);
  return Math.sqrt(((2 * (v + rho)) / v) * Math.log1p(Math.sqrt((v + rho) / rho) / (2 * alpha)));
}

/** The p-value that goes with it: the smallest `alpha` whose boundary `z` reaches. */
export function sequencePValue(z: number, share: number): number {
  if (!(z > 0)) return 1;
  const v = Math.max(least, share);
  return Math.min(1, Math.sqrt((v + rho) / rho) / (2 * Math.expm1((z * z * v) / (2 * (v + rho)))));
}

const least = 1e-9;
/** One mixture for every alpha, near the best for 0.01: -2 ln(2 alpha) = 7.8, 1 / (7.8 + ln(1 + 7.8)). */
const rho = 0.1;
