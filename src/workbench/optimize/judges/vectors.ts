import type { ResampledScore } from '../../../optimize/index.ts';
import { type Detection, resampledMeans, retrievalAccuracy } from '../../../perception/index.ts';
import type { PictureSet } from '../pictures.ts';
import { type TaskJudge, type Truth, wholeRules } from './judge.ts';

interface VectorOutcome {
  readonly embedding: Float32Array;
  /** Who or what it shows; absent where the float model's vector stands in. */
  readonly identity?: number;
  /** Cosine to the float model's vector, 0..1. */
  readonly near?: number;
}

/** Recall at 1 by the folders of the pictures; without them, the cosine to the float model's vectors. */
export class VectorJudge implements TaskJudge<VectorOutcome> {
  readonly rules = wholeRules;
  readonly standInRules = wholeRules;
  readonly multiLabel = false;

  async read(set: PictureSet, index: number): Promise<Truth<VectorOutcome>> {
    const identity = set.numberOf(index);
    return { holds: true, compare: (found) => ({ identity, embedding: vectorOf(found) }) };
  }

  standIn(float: readonly Detection[]): Truth<VectorOutcome> {
    const wanted = vectorOf(float);
    return {
      holds: wanted.length > 0,
      compare(found) {
        const embedding = vectorOf(found);
        return { embedding, near: Math.max(0, cosine(wanted, embedding)) };
      },
    };
  }

  score(outcomes: readonly VectorOutcome[], draws: number): ResampledScore {
    const pictures = outcomes.flatMap(({ identity, embedding }) =>
      identity === undefined ? [] : [{ identity, embedding }],
    );
    const { right, recall5 } = retrievalAccuracy(pictures);
    const values =
      pictures.length === 0 ? outcomes.map(({ near = 0 }) => near) : right.map((one) => Number(one));
    const value = values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
    return {
      ...{ measure: 'recall1', value, beside: { measure: 'recall5', value: recall5 }, perClass: [] },
      resampled: resampledMeans(values, draws),
    };
  }
}

function vectorOf([found]: readonly Detection[]): Float32Array {
  return found?.embedding ?? new Float32Array(0);
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [product, own, other] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * (b[i] ?? 0);
    own += a[i]! ** 2;
    other += (b[i] ?? 0) ** 2;
  }
  return product / (Math.sqrt(own * other) || 1);
}
