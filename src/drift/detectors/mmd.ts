import { seededRandom } from '../random.ts';

/** Random Fourier features of a Gaussian kernel (Rahimi and Recht 2007): z(x) . z(y) comes near exp(-|x-y|^2 / (2 s^2)). */
export class FourierFeatures {
  readonly dimensions: number;
  readonly count: number;
  readonly #weights: Float64Array;
  readonly #phases: Float64Array;

  constructor(dimensions: number, count: number, bandwidth: number, seed: number) {
    const random = seededRandom(seed);
    this.dimensions = dimensions;
    this.count = count;
    this.#weights = Float64Array.from({ length: dimensions * count }, () => random.normal() / bandwidth);
    this.#phases = Float64Array.from({ length: count }, () => 2 * Math.PI * random.next());
  }

  map(x: ArrayLike<number>, out: Float64Array = new Float64Array(this.count)): Float64Array {
    const scale = Math.sqrt(2 / this.count);
    for (let k = 0; k < this.count; k++) {
      let sum = this.#phases[k]!;
      for (let i = 0; i < this.dimensions; i++) sum += this.#weights[k * this.dimensions + i]! * x[i]!;
      out[k] = scale * Math.cos(sum);
    }
    return out;
  }
}

/**
 * Online maximum mean discrepancy (NEWMA's idea, Keriven et al. 2020): the mean embedding of the last while against the
 * reference's. Squared distance, 0 where the distributions are the same.
 */
export class OnlineMmd {
  readonly #features: FourierFeatures;
  readonly #reference: ArrayLike<number>;
  readonly #live: Float64Array;
  readonly #point: Float64Array;
  readonly #weight: number;
  #started = false;

  /** `weight` of the newest vector, 0..1. */
  constructor(features: FourierFeatures, reference: ArrayLike<number>, weight: number) {
    this.#features = features;
    this.#reference = reference;
    this.#live = new Float64Array(features.count);
    this.#point = new Float64Array(features.count);
    this.#weight = weight;
  }

  add(x: ArrayLike<number>): number {
    this.#features.map(x, this.#point);
    const weight = this.#started ? this.#weight : 1;
    this.#started = true;
    let sum = 0;
    for (let k = 0; k < this.#live.length; k++) {
      this.#live[k]! += weight * (this.#point[k]! - this.#live[k]!);
      sum += (this.#live[k]! - this.#reference[k]!) ** 2;
    }
    return sum;
  }

  reset(): void {
    this.#started = false;
  }
}
