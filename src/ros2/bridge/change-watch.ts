import type { FieldValue } from '../messages/fields.ts';

export interface ChangeWatchOptions {
  /** A number that differs by less is the same. */
  readonly least: number;
  /** At most one change is told in so long. */
  readonly everyMs: number;
}

export interface FieldChange {
  readonly from: FieldValue | undefined;
  readonly to: FieldValue;
}

/**
 * Changes of one field against what was told last. A value that is back before its turn comes was no change; of several the
 * last counts. The first value is told as one from nothing.
 */
export class ChangeWatch {
  readonly #options: ChangeWatchOptions;
  #told: FieldValue | undefined;
  #latest: FieldValue | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(options: ChangeWatchOptions) {
    this.#options = options;
  }

  add(value: FieldValue): void {
    if (typeof value === 'number' && !Number.isFinite(value)) return;
    this.#latest = value;
  }

  /** What is to be told now, and counts as told. */
  take(nowMs: number): FieldChange | undefined {
    const [from, to] = [this.#told, this.#latest];
    if (to === undefined || nowMs - this.#toldMs < this.#options.everyMs || this.#isSame(from, to))
      return undefined;
    this.#told = to;
    this.#toldMs = nowMs;
    return { from, to };
  }

  #isSame(from: FieldValue | undefined, to: FieldValue): boolean {
    if (typeof from !== 'number' || typeof to !== 'number') return from === to;
    return from === to || Math.abs(to - from) < this.#options.least;
  }
}
