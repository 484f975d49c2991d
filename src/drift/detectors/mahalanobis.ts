import { InternalError } from '../../base/index.ts';

/**
 * Distance of a vector from a mean in units of its covariance. The covariance is shrunk towards its diagonal by
 * `shrinkage`, since a reference of some hundred vectors leaves thin directions; `ridge` is added to every variance.
 */
export class Mahalanobis {
  readonly mean: Float64Array;
  /** Lower triangle of the Cholesky factor, row by row, full square. */
  readonly factor: Float64Array;
  readonly #scratch: Float64Array;

  constructor(mean: Float64Array, factor: Float64Array) {
    this.mean = mean;
    this.factor = factor;
    this.#scratch = new Float64Array(mean.length);
  }

  static fit(rows: readonly ArrayLike<number>[], shrinkage = 0.1, ridge = 1e-9): Mahalanobis {
    const d = rows[0]?.length ?? 0;
    const mean = new Float64Array(d);
    for (const row of rows) for (let i = 0; i < d; i++) mean[i]! += row[i]! / rows.length;
    const covariance = new Float64Array(d * d);
    for (const row of rows)
      for (let i = 0; i < d; i++) {
        const a = row[i]! - mean[i]!;
        for (let j = 0; j <= i; j++) covariance[i * d + j]! += (a * (row[j]! - mean[j]!)) / (rows.length - 1);
      }
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < i; j++) covariance[i * d + j]! *= 1 - shrinkage;
      covariance[i * d + i]! += ridge;
    }
    return new Mahalanobis(mean, cholesky(covariance, d));
  }

  /** Squared distance: for Gaussian vectors chi-squared with as many degrees as they have parts. */
  squared(x: ArrayLike<number>): number {
    const d = this.mean.length;
    const y = this.#scratch;
    let sum = 0;
    for (let i = 0; i < d; i++) {
      let value = x[i]! - this.mean[i]!;
      for (let j = 0; j < i; j++) value -= this.factor[i * d + j]! * y[j]!;
      y[i] = value / this.factor[i * d + i]!;
      sum += y[i]! * y[i]!;
    }
    return sum;
  }
}

function cholesky(lower: Float64Array, d: number): Float64Array {
  const l = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      let sum = lower[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * d + k]! * l[j * d + k]!;
      if (i !== j) l[i * d + j] = sum / l[j * d + j]!;
      else if (sum > 0) l[i * d + i] = Math.sqrt(sum);
      else throw new InternalError('covariance', 'The covariance is not positive definite.', '');
    }
  return l;
}
