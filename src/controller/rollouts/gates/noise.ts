/** The difference between the arms without a change. */
export interface Noise {
  /** Deviation of a difference whose scarcity is as given. */
  deviation(scarcity: number): number;
  /** As many windows that do not overlap. */
  readonly freedom: number;
}

export interface PretendedDifference {
  readonly difference: number;
  /** Over the subjects: how little was expected. */
  readonly scarcity: number;
}

const shares = [0, 0.25, 0.5, 0.75, 1];

/**
 * The variance has a part that all times have and one that goes with scarcity, since few objects stray more; how much of
 * each is the likeliest of five. Around zero and not around the mean, so that what always goes one way counts as noise.
 */
export function noiseOf(pretended: readonly PretendedDifference[], freedom: number): Noise {
  const usual = mean(pretended.map(({ scarcity }) => scarcity));
  const shape = (scarcity: number, share: number) => (usual > 0 ? share * (scarcity / usual) + 1 - share : 1);
  let best = { share: 0, variance: 0, likelihood: Number.NEGATIVE_INFINITY };
  for (const share of shares) {
    const shapes = pretended.map(({ scarcity }) => Math.max(1e-9, shape(scarcity, share)));
    const variance = mean(pretended.map(({ difference }, index) => difference ** 2 / shapes[index]!));
    const likelihood =
      -pretended.length * Math.log(variance) - shapes.reduce((sum, s) => sum + Math.log(s), 0);
    if (likelihood > best.likelihood) best = { share, variance, likelihood };
  }
  return {
    freedom,
    deviation: (scarcity) => Math.sqrt(best.variance * Math.max(1e-9, shape(scarcity, best.share))),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
