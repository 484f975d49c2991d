/** What each step took off, learned when it was made. */
export class Reliefs {
  readonly #factors: number[] = [];
  #before: number | undefined;

  /** A step down is made while the detectors are so busy; what it did is seen by the first `settled` after it. */
  stepDown(busy: number): void {
    this.#before = busy;
  }

  settled(level: number, busy: number): void {
    if (this.#before === undefined || level === 0) return;
    const factor = busy > 0 ? this.#before / busy : 1;
    this.#factors[level - 1] = Math.min(mostFactor, Math.max(1, factor));
    this.#before = undefined;
  }

  /** Of the last step that is taken. */
  of(level: number): number {
    return level === 0 ? 1 : (this.#factors[level - 1] ?? 1);
  }
}

/** A step that took more off than this is taken back on trial. */
const mostFactor = 4;
