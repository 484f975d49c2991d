/** Exponentially weighted mean and its control limits (Roberts 1959) for a standardised value. */
export class Ewma {
  readonly weight: number;
  value = 0;
  #left = 1;

  constructor(weight: number) {
    this.weight = weight;
  }

  /** The mean so far in units of its own deviation for independent values: beyond 3 is unusual. */
  add(x: number): number {
    this.value += this.weight * (x - this.value);
    this.#left *= (1 - this.weight) ** 2;
    return this.value / Math.sqrt((this.weight / (2 - this.weight)) * (1 - this.#left));
  }

  reset(): void {
    this.value = 0;
    this.#left = 1;
  }
}
