/**
 * One-sided cumulative sum (Page 1954): S = max(0, S + x - allowance), of a standardised value. It adds up what stays
 * and forgets what passes. Capped, so that a long fault is over soon after it ends.
 */
export class Cusum {
  readonly allowance: number;
  readonly cap: number;
  value = 0;

  constructor(allowance: number, cap = Number.POSITIVE_INFINITY) {
    this.allowance = allowance;
    this.cap = cap;
  }

  add(x: number): number {
    this.value = Math.min(this.cap, Math.max(0, this.value + x - this.allowance));
    return this.value;
  }

  reset(): void {
    this.value = 0;
  }
}
