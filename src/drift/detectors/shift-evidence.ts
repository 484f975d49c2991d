/** Objects in which the running estimate of the shift fades to 1/e. */
const memoryObjects = 80;
/** Objects of the reference that the estimate begins with, so that the first few say little. */
const priorObjects = 40;

/**
 * Evidence that the mean of what objects say has shifted, in nats: log-likelihood ratio of the second under a shift that is
 * estimated from the seconds before it (plug-in of Robbins and Siegmund 1974; its CUSUM is the adaptive one of Lorden and
 * Pollak 2005), Gaussian, in units of the reference's own spread. Nothing is looked at in a window, so a change is found
 * when its objects have said enough, however fast they come.
 */
export class ShiftEvidence {
  readonly #sum: Float64Array;
  readonly #fallsOnly: boolean;
  #objects = 0;

  /** `fallsOnly`: a shift upwards is none. */
  constructor(dimensions: number, fallsOnly = false) {
    this.#sum = new Float64Array(dimensions);
    this.#fallsOnly = fallsOnly;
  }

  /** `white`: sums over n objects of independent parts with mean 0 and variance 1 each. */
  add(white: Float64Array, n: number): number {
    let product = 0;
    let square = 0;
    for (const [i, sum] of this.#sum.entries()) {
      const estimate = sum / (this.#objects + priorObjects);
      const shift = this.#fallsOnly ? Math.min(0, estimate) : estimate;
      product += shift * white[i]!;
      square += shift * shift;
    }
    const fade = Math.exp(-n / memoryObjects);
    for (let i = 0; i < this.#sum.length; i++) this.#sum[i] = this.#sum[i]! * fade + white[i]!;
    this.#objects = this.#objects * fade + n;
    return product - (n * square) / 2;
  }

  reset(): void {
    this.#sum.fill(0);
    this.#objects = 0;
  }
}
