export const reductions = ['latest', 'mean', 'min', 'max'] as const;
export type Reduction = (typeof reductions)[number];

/** One number out of those that came since it was taken last. What is not finite says nothing: a gauge that is not there. */
export class FieldReducer {
  readonly #reduction: Reduction;
  #count = 0;
  #value = 0;

  constructor(reduction: Reduction) {
    this.#reduction = reduction;
  }

  add(value: number): void {
    if (!Number.isFinite(value)) return;
    this.#count += 1;
    this.#value = this.#count === 1 ? value : this.#reduced(value);
  }

  /** Undefined where none came. */
  take(): number | undefined {
    const value = this.#count === 0 ? undefined : this.#value;
    this.#count = 0;
    return value;
  }

  #reduced(value: number): number {
    switch (this.#reduction) {
      case 'latest':
        return value;
      case 'mean':
        return this.#value + (value - this.#value) / this.#count;
      case 'min':
        return Math.min(this.#value, value);
      case 'max':
        return Math.max(this.#value, value);
    }
  }
}
