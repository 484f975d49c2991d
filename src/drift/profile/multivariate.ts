import { type IsolationForest, isolationScore, trainIsolationForest } from '../detectors/isolation-forest.ts';
import { Mahalanobis } from '../detectors/mahalanobis.ts';
import { FourierFeatures, OnlineMmd } from '../detectors/mmd.ts';
import { seededRandom } from '../random.ts';
import { at, baseCount } from '../signals/catalogue.ts';
import { projectedLength } from '../signals/embedding.ts';
import type { ReferenceProfile } from './schema.ts';

export type MultivariateProfile = Pick<ReferenceProfile, 'forest' | 'gaussian' | 'mmd'> & {
  readonly embedding?: NonNullable<ReferenceProfile['embedding']>;
};

const fourierCount = 64;
/** Weight of the newest second in the mean embedding: some 15 s are looked at. */
const mmdWeight = 1 / 15;
const mmdSeed = 7;
/** Variance that every direction has at least, in squared deviations. */
const ridge = 0.1;

/** Signals that judge a whole second at once. They see standardised base signals, 0 for what is unknown. */
export class Multivariate {
  readonly #forest: IsolationForest;
  readonly #gaussian: Mahalanobis;
  readonly #mmd: OnlineMmd;
  readonly #embedding: Mahalanobis | undefined;
  /** Of the embedding that this profile knows. */
  readonly embeddingSource: string | undefined;
  readonly #point = new Float64Array(baseCount);
  #seconds = 0;

  constructor(profile: MultivariateProfile) {
    this.#forest = profile.forest;
    this.#gaussian = new Mahalanobis(
      Float64Array.from(profile.gaussian.mean),
      Float64Array.from(profile.gaussian.factor),
    );
    const { seed, bandwidth, mean } = profile.mmd;
    this.#mmd = new OnlineMmd(new FourierFeatures(baseCount, mean.length, bandwidth, seed), mean, mmdWeight);
    const { embedding } = profile;
    if (embedding !== undefined) {
      this.embeddingSource = embedding.source;
      this.#embedding = new Mahalanobis(
        Float64Array.from(embedding.gaussian.mean),
        Float64Array.from(embedding.gaussian.factor),
      );
    }
  }

  /**
   * Writes the multivariate signals of a second into `vector`. `standard`: standardised base signals; `embedding`: the
   * projected one of the second.
   */
  add(standard: ArrayLike<number>, embedding: ArrayLike<number> | undefined, vector: Float64Array): void {
    const point = this.#point;
    for (let i = 0; i < baseCount; i++) point[i] = Number.isNaN(standard[i]!) ? 0 : standard[i]!;
    vector[at.isolation] = isolationScore(this.#forest, point);
    vector[at.mahalanobis] = Math.log1p(this.#gaussian.squared(point));
    const discrepancy = this.#mmd.add(point);
    this.#seconds++;
    // The mean embedding of a few seconds is far from any mean.
    vector[at.mmd] = this.#seconds * mmdWeight < 2 ? Number.NaN : discrepancy;
    if (this.#embedding !== undefined && embedding !== undefined) {
      vector[at.embedding] = Math.log1p(this.#embedding.squared(embedding));
    }
  }

  reset(): void {
    this.#mmd.reset();
    this.#seconds = 0;
  }
}

/** `rows`: standardised base signals without NaN; `embeddings`: projected ones of one source, if there are any. */
export function trainMultivariate(
  rows: readonly Float64Array[],
  embeddings: readonly Float64Array[],
  source: string | undefined,
): MultivariateProfile {
  const features = new FourierFeatures(baseCount, fourierCount, Math.sqrt(2 * baseCount), mmdSeed);
  const mean = new Float64Array(fourierCount);
  for (const row of rows)
    features.map(row).forEach((value, k) => {
      mean[k]! += value / rows.length;
    });
  return {
    forest: trainIsolationForest(rows, seededRandom(11)),
    gaussian: gaussianOf(rows, ridge),
    mmd: { seed: mmdSeed, bandwidth: Math.sqrt(2 * baseCount), mean: rounded(mean) },
    ...(source !== undefined && embeddings.length > 4 * projectedLength
      ? { embedding: { source, gaussian: gaussianOf(embeddings) } }
      : {}),
  };
}

function gaussianOf(rows: readonly Float64Array[], ridge?: number): { mean: number[]; factor: number[] } {
  // Signals that follow each other closely part for a moment after any change: that is no drift.
  const { mean, factor } = Mahalanobis.fit(rows, 0.1, ridge);
  return { mean: rounded(mean), factor: rounded(factor) };
}

function rounded(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(6)));
}
