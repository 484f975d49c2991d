import { type IsolationForest, isolationScore, trainIsolationForest } from '../detectors/isolation-forest.ts';
import { Mahalanobis } from '../detectors/mahalanobis.ts';
import { seededRandom } from '../random.ts';
import { rounded } from '../rounded.ts';
import { at, pointCount, remembered } from '../signals/catalogue.ts';
import { projectedLength } from '../signals/embedding.ts';
import type { ReferenceProfile } from './schema.ts';

export type MultivariateProfile = Pick<ReferenceProfile, 'forest' | 'gaussian'> & {
  readonly embedding?: NonNullable<ReferenceProfile['embedding']>;
};

/** Variance that every direction has at least, in squared deviations. */
const ridge = 0.1;

/** What a second says to the detectors of combinations: 0 for what is unknown, or is of the minutes before. */
export function pointOf(
  standard: ArrayLike<number>,
  out: Float64Array = new Float64Array(pointCount),
): Float64Array {
  for (let i = 0; i < pointCount; i++)
    out[i] = Number.isNaN(standard[i]!) || remembered.has(i) ? 0 : standard[i]!;
  return out;
}

/** Signals that judge a whole second at once. */
export class Multivariate {
  readonly #forest: IsolationForest;
  readonly #gaussian: Mahalanobis;
  readonly #embedding: Mahalanobis | undefined;
  /** Of the embedding that this profile knows. */
  readonly embeddingSource: string | undefined;
  readonly #point = new Float64Array(pointCount);

  constructor(profile: MultivariateProfile) {
    this.#forest = profile.forest;
    this.#gaussian = mahalanobisOf(profile.gaussian);
    this.#embedding = profile.embedding && mahalanobisOf(profile.embedding.gaussian);
    this.embeddingSource = profile.embedding?.source;
  }

  /**
   * Writes the multivariate signals of a second into `vector`. `standard`: standardised base signals; `embedding`: the
   * projected one of the second.
   */
  add(standard: ArrayLike<number>, embedding: ArrayLike<number> | undefined, vector: Float64Array): void {
    const point = pointOf(standard, this.#point);
    vector[at.isolation] = isolationScore(this.#forest, point);
    vector[at.mahalanobis] = Math.log1p(this.#gaussian.squared(point));
    if (this.#embedding !== undefined && embedding !== undefined) {
      vector[at.embedding] = Math.log1p(this.#embedding.squared(embedding));
    }
  }
}

/** `rows`: standardised base signals without NaN; `embeddings`: projected ones of one source, if there are any. */
export function trainMultivariate(
  rows: readonly Float64Array[],
  embeddings: readonly Float64Array[],
  source: string | undefined,
): MultivariateProfile {
  return {
    forest: trainIsolationForest(rows, seededRandom(11)),
    gaussian: gaussianOf(rows, ridge),
    ...(source !== undefined && embeddings.length > 4 * projectedLength
      ? { embedding: { source, gaussian: gaussianOf(embeddings) } }
      : {}),
  };
}

function mahalanobisOf({ mean, factor }: ReferenceProfile['gaussian']): Mahalanobis {
  return new Mahalanobis(Float64Array.from(mean), Float64Array.from(factor));
}

function gaussianOf(rows: readonly Float64Array[], ridge?: number): { mean: number[]; factor: number[] } {
  // Signals that follow each other closely part for a moment after any change: that is no drift.
  const { mean, factor } = Mahalanobis.fit(rows, 0.1, ridge);
  return { mean: Array.from(mean, rounded), factor: Array.from(factor, rounded) };
}
