/**
 * Two-sided geometric noise, the discrete form of Laplace's (Ghosh, Roughgarden, Sundararajan 2009): a count to which it
 * is added is epsilon-differentially private for one object more or less, `sensitivity` for as many as one contributor may add.
 * Promised: whoever sees the noisy counts can tell by a factor of e^epsilon at most whether those objects were there. Not
 * promised: anything about a camera that counts more objects than `sensitivity`, or about answers that are asked for again
 * and again, whose epsilons add up. `uniform`: numbers in [0, 1) that nobody can guess.
 */
export function geometricNoise(epsilon: number, sensitivity: number, uniform: () => number): number {
  const alpha = Math.exp(-epsilon / sensitivity);
  // The difference of two geometric variables.
  return geometric(alpha, uniform()) - geometric(alpha, uniform());
}

function geometric(alpha: number, u: number): number {
  if (alpha <= 0) return 0;
  return Math.floor(Math.log1p(-u) / Math.log(alpha));
}

/** Counts as they may be shown: with noise, and never below nothing. */
export function noisyCounts(
  counts: readonly number[],
  epsilon: number,
  sensitivity: number,
  uniform: () => number,
): number[] {
  return counts.map((count) =>
    Math.max(0, Math.round(count) + geometricNoise(epsilon, sensitivity, uniform)),
  );
}
