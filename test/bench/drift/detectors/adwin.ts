interface Bucket {
  count: number;
  sum: number;
  /** Sum of squared deviations from the bucket's own mean. */
  squares: number;
}

const perRow = 5;

/**
 * Adaptive windowing (Bifet and Gavalda 2007): keeps a window in buckets of growing size and drops its old end when two
 * parts of it have different means at confidence `delta`. Memory grows with the log of the window, and is capped.
 */
export class Adwin {
  readonly delta: number;
  /** rows[r] holds buckets of 2^r values, newest first. */
  readonly #rows: Bucket[][] = [[]];
  readonly #maxRows: number;
  readonly #every: number;
  #seen = 0;

  constructor(delta = 0.002, every = 8, maxRows = 24) {
    this.delta = delta;
    this.#every = every;
    this.#maxRows = maxRows;
  }

  get width(): number {
    return this.#total().count;
  }

  get mean(): number {
    const { count, sum } = this.#total();
    return count === 0 ? Number.NaN : sum / count;
  }

  /** True when the window was cut: the mean has changed. */
  add(x: number): boolean {
    this.#rows[0]!.unshift({ count: 1, sum: x, squares: 0 });
    this.#compress();
    this.#seen++;
    if (this.#seen % this.#every !== 0) return false;
    let changed = false;
    while (this.#cutNeeded()) {
      this.#dropOldest();
      changed = true;
    }
    return changed;
  }

  #compress(): void {
    for (let row = 0; row < this.#rows.length; row++) {
      const buckets = this.#rows[row]!;
      if (buckets.length <= perRow) return;
      const older = buckets.pop()!;
      const newer = buckets.pop()!;
      if (row + 1 >= this.#maxRows) {
        buckets.push(newer);
        return;
      }
      if (this.#rows.length === row + 1) this.#rows.push([]);
      this.#rows[row + 1]!.unshift(merge(newer, older));
    }
  }

  #total(): Bucket {
    let all: Bucket = { count: 0, sum: 0, squares: 0 };
    for (const row of this.#rows) for (const bucket of row) all = merge(all, bucket);
    return all;
  }

  #cutNeeded(): boolean {
    const whole = this.#total();
    if (whole.count < 10) return false;
    const variance = whole.squares / whole.count;
    const confidence = Math.log((2 * Math.log(whole.count)) / this.delta);
    let oldCount = 0;
    let oldSum = 0;
    for (let row = this.#rows.length - 1; row >= 0; row--) {
      const buckets = this.#rows[row]!;
      for (let i = buckets.length - 1; i >= 0; i--) {
        oldCount += buckets[i]!.count;
        oldSum += buckets[i]!.sum;
        const newCount = whole.count - oldCount;
        if (oldCount < 5 || newCount < 5) continue;
        const m = 1 / (1 / (oldCount - 4) + 1 / (newCount - 4));
        const bound = Math.sqrt((2 / m) * variance * confidence) + (2 / (3 * m)) * confidence;
        if (Math.abs(oldSum / oldCount - (whole.sum - oldSum) / newCount) > bound) return true;
      }
    }
    return false;
  }

  #dropOldest(): void {
    while (this.#rows.length > 1 && this.#rows.at(-1)!.length === 0) this.#rows.pop();
    this.#rows.at(-1)!.pop();
  }
}

function merge(a: Bucket, b: Bucket): Bucket {
  const count = a.count + b.count;
  if (a.count === 0 || b.count === 0) return a.count === 0 ? { ...b } : { ...a };
  const apart = a.sum / a.count - b.sum / b.count;
  return {
    count,
    sum: a.sum + b.sum,
    squares: a.squares + b.squares + (apart * apart * a.count * b.count) / count,
  };
}
