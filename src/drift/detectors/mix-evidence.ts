import { cholesky } from './mahalanobis.ts';
import { ShiftEvidence } from './shift-evidence.ts';

/** Counts of new objects of one second, by slot of the mix. */
export type MixCounts = ArrayLike<number>;

/**
 * How the mix of new objects strays from its shares in the reference: covariance per object of the counts minus what was
 * expected, from the sums over whole minutes. Objects come in groups and a track breaks in two, so a minute strays further
 * than a multinomial would. Lower Cholesky factor, row by row; the last
 * slot follows from the others and is left out.
 */
export function mixFactor(
  minutes: readonly { readonly counts: MixCounts; readonly shares: ArrayLike<number> }[],
): Float64Array {
  const d = (minutes[0]?.shares.length ?? 1) - 1;
  const seen = new Float64Array(d * d);
  const usual = new Float64Array(d * d);
  let objects = 0;
  for (const { counts, shares } of minutes) {
    const n = total(counts);
    objects += n;
    for (let i = 0; i < d; i++)
      for (let j = 0; j <= i; j++) {
        seen[i * d + j]! += (counts[i]! - n * shares[i]!) * (counts[j]! - n * shares[j]!);
        usual[i * d + j]! += n * shares[i]! * ((i === j ? 1 : 0) - shares[j]!);
      }
  }
  // As if some minutes more had been seen that stray as a multinomial does: few minutes are no covariance.
  const weight = minutes.length / (minutes.length + 2 * d);
  const covariance = seen.map(
    (value, k) => (weight * value + (1 - weight) * usual[k]!) / Math.max(1, objects),
  );
  return cholesky(covariance, d);
}

/** Evidence that the mix of new objects has changed, in nats. Every object counts once. */
export class MixEvidence {
  readonly #factor: Float64Array;
  readonly #white: Float64Array;
  readonly #shift: ShiftEvidence;

  /** `slots`: without the last one. */
  constructor(slots: number, factor: ArrayLike<number>) {
    this.#factor = Float64Array.from(factor);
    this.#white = new Float64Array(slots);
    this.#shift = new ShiftEvidence(slots);
  }

  /** NaN for a second without new objects: it says nothing. */
  add(counts: MixCounts, shares: ArrayLike<number>): number {
    const n = total(counts);
    if (n === 0) return Number.NaN;
    this.#whiten(counts, n, shares);
    return this.#shift.add(this.#white, n);
  }

  reset(): void {
    this.#shift.reset();
  }

  /** What the counts have more than expected, in independent directions of variance n. */
  #whiten(counts: MixCounts, n: number, shares: ArrayLike<number>): void {
    const d = this.#white.length;
    for (let i = 0; i < d; i++) {
      let value = counts[i]! - n * shares[i]!;
      for (let j = 0; j < i; j++) value -= this.#factor[i * d + j]! * this.#white[j]!;
      this.#white[i] = value / this.#factor[i * d + i]!;
    }
  }
}

function total(counts: MixCounts): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}
