/**
 * Page-Hinkley test as in scikit-multiflow and river: the running mean is the reference, alarms on the rise of the
 * cumulative sum above its minimum. The mean follows a slow drift.
 */
export class PageHinkley {
  readonly delta: number;
  readonly threshold: number;
  readonly forget: number;
  #count = 0;
  #mean = 0;
  #up = 0;
  #down = 0;
  #lowest = 0;
  #highest = 0;

  constructor(delta = 0.005, threshold = 50, forget = 0.9999) {
    this.delta = delta;
    this.threshold = threshold;
    this.forget = forget;
  }

  /** The larger of the two statistics; above `threshold` is an alarm. */
  add(x: number): number {
    this.#count++;
    this.#mean += (x - this.#mean) / this.#count;
    this.#up = this.forget * this.#up + (x - this.#mean - this.delta);
    this.#down = this.forget * this.#down + (x - this.#mean + this.delta);
    this.#lowest = Math.min(this.#lowest, this.#up);
    this.#highest = Math.max(this.#highest, this.#down);
    return Math.max(this.#up - this.#lowest, this.#highest - this.#down);
  }

  reset(): void {
    this.#count = 0;
    this.#mean = 0;
    this.#up = 0;
    this.#down = 0;
    this.#lowest = 0;
    this.#highest = 0;
  }
}
