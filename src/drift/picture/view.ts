import { findShift, gradientMatch, gradients, type Shift } from './structure.ts';
import { thumbnailCells as cells, detailScale, type Thumbnail } from './thumbnail.ts';

/** How the place usually looks: learned per time of day. */
export interface ViewReference {
  /** Mean luma of every cell, 0..255. */
  readonly grey: Uint8Array;
  /** Deviation of the smoothed luma over time, grey levels. */
  readonly spread: Uint8Array;
  /** Mean detail, as in Thumbnail. */
  readonly detail: Uint8Array;
}

/** The live view against the reference. */
export interface ViewFeatures {
  /** Natural log of the contrast gain from reference to live; fog, night and lost light make it negative. */
  readonly gain: number;
  /** What is added to the picture, in units of 255; fog and overexposure lift it. */
  readonly offset: number;
  /** Match of the edges in their old place, -1..1. */
  readonly match: number;
  /** Share of cells that gain and offset do not explain, 0..1. */
  readonly foreign: number;
  /** Of the cells that had detail, the share that has lost more than half of it, 0..1. */
  readonly lostDetail: number;
}

/** A picture smoothed over some seconds, so that what drives by does not count. */
export class LiveView {
  readonly grey = new Float32Array(cells);
  readonly detail = new Float32Array(cells);
  readonly #gradients = new Float32Array(cells * 2);
  #sums = new Float32Array(cells);
  #details = new Float32Array(cells);
  #frames = 0;
  /** Ticks since the start or the last gap. */
  age = 0;

  add({ grey, detail }: Thumbnail): void {
    const sums = this.#sums;
    const details = this.#details;
    for (let i = 0; i < cells; i++) {
      sums[i]! += grey[i]!;
      details[i]! += detail[i]!;
    }
    this.#frames++;
  }

  /** Ends a tick: the mean of its frames goes into the smoothed picture. */
  tick(weight = 0.35): void {
    if (this.#frames === 0) return;
    const share = this.age === 0 ? 1 : weight;
    for (let i = 0; i < cells; i++) {
      this.grey[i]! += share * (this.#sums[i]! / this.#frames - this.grey[i]!);
      this.detail[i]! += share * (this.#details[i]! / this.#frames - this.detail[i]!);
    }
    this.#sums.fill(0);
    this.#details.fill(0);
    this.#frames = 0;
    this.age++;
  }

  reset(): void {
    this.age = 0;
    this.#frames = 0;
    this.#sums.fill(0);
    this.#details.fill(0);
  }

  /** Some 50 microseconds; call once per tick. `noise`: second difference that noise alone gives, live. */
  compare(reference: ViewReference, referenceGradients: Float32Array, noise: number): ViewFeatures {
    const { gain, offset, foreign } = lightFit(this.grey, reference);
    return {
      gain: Math.log(Math.max(gain, 0.02)),
      offset: offset / 255,
      match: gradientMatch(referenceGradients, gradients(this.grey, this.#gradients), 0, 0),
      foreign,
      lostDetail: lostDetail(this.detail, reference.detail, noise * detailScale),
    };
  }

  /** Where the reference lies in the live view; some 0.5 ms, so only when there is reason to ask. */
  shift(referenceGradients: Float32Array): Shift {
    return findShift(gradients(this.grey, this.#gradients), referenceGradients);
  }
}

/** Least squares live = gain * reference + offset, once more without the cells that lie far off. */
function lightFit(
  live: Float32Array,
  reference: ViewReference,
): { gain: number; offset: number; foreign: number } {
  let gain = 1;
  let offset = 0;
  let limit = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    let n = 0;
    let sx = 0;
    let sy = 0;
    let sxx = 0;
    let sxy = 0;
    let off = 0;
    for (let i = 0; i < cells; i++) {
      const x = reference.grey[i]!;
      const y = live[i]!;
      const residual = Math.abs(y - gain * x - offset);
      if (residual > limit) continue;
      off += residual;
      n++;
      sx += x;
      sy += y;
      sxx += x * x;
      sxy += x * y;
    }
    const spread = n * sxx - sx * sx;
    if (n < cells / 8 || spread < n) break;
    if (round > 0) limit = Math.max(4, (3 * off) / n);
    gain = (n * sxy - sx * sy) / spread;
    offset = (sy - gain * sx) / n;
    if (round === 0) limit = 40;
  }
  let foreign = 0;
  for (let i = 0; i < cells; i++) {
    const residual = Math.abs(live[i]! - gain * reference.grey[i]! - offset);
    if (residual > Math.max(10, 4 * reference.spread[i]!)) foreign++;
  }
  return { gain, offset, foreign: foreign / cells };
}

function lostDetail(live: Float32Array, reference: Uint8Array, noise: number): number {
  let had = 0;
  let lost = 0;
  for (let i = 0; i < cells; i++) {
    const before = reference[i]!;
    // Below this a cell holds little more than noise.
    if (before < 16) continue;
    had++;
    if (live[i]! - noise < 0.5 * (before - noise)) lost++;
  }
  return had < 20 ? 0 : lost / had;
}
