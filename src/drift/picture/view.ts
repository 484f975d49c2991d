import { thumbnailCells as cells, detailScale, type Thumbnail } from '../../perception/index.ts';
import { fitPicture, type LiveCells, type PictureFit, partMatches } from './fit.ts';
import { matchWarped } from './registration.ts';
import { findShift, gradientMatch, gradients, type Shift } from './structure.ts';
import type { ViewReference } from './view-reference.ts';

/** The live view against the reference. */
interface ViewFeatures {
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

/** Seconds after which a cell counts though it lies under a box: a parked car is part of the place. */
const parkedTicks = 30;
/** Seconds in the open after which a cell counts again: by then the others have followed a change of light too. */
const openTicks = 6;
/** Seconds after which something under a box is asked what it is: who walks is gone by then. */
const standsTicks = 5;
/** Weight of the newest frame in the picture with all that stands in it. */
const bareWeight = 0.12;

/**
 * A picture smoothed over some seconds, without what lies under the boxes of the detector: a truck that stops before the
 * camera changes neither its light nor its place.
 */
export class LiveView {
  readonly grey = new Float32Array(cells);
  readonly detail = new Float32Array(cells);
  /** The same with what lies under boxes, for what stands there for long. */
  readonly #bareGrey = new Float32Array(cells);
  readonly #bareDetail = new Float32Array(cells);
  readonly #standing: LiveCells = {
    grey: new Float32Array(cells),
    detail: new Float32Array(cells),
    visible: new Uint8Array(cells),
  };
  readonly #gradients = new Float32Array(cells * 2);
  #sums = new Float32Array(cells);
  #details = new Float32Array(cells);
  readonly #seen = new Uint16Array(cells);
  readonly #bare = new Uint8Array(cells);
  readonly #open = new Uint8Array(cells).fill(openTicks);
  readonly #visible = new Uint8Array(cells).fill(1);
  readonly #whole = new Float32Array(cells);
  readonly #hidden = new Uint16Array(cells);
  #frames = 0;
  /** Ticks since the start or the last gap. */
  age = 0;

  #newest: Uint8Array | undefined;

  /** `boxed`: 1 for every cell under a box. */
  add({ grey, detail }: Thumbnail, boxed: Uint8Array | undefined): void {
    this.#newest = grey;
    const sums = this.#sums;
    const details = this.#details;
    const share = this.age === 0 ? 1 : bareWeight;
    for (let i = 0; i < cells; i++) {
      this.#bareGrey[i]! += share * (grey[i]! - this.#bareGrey[i]!);
      this.#bareDetail[i]! += share * (detail[i]! - this.#bareDetail[i]!);
    }
    for (let i = 0; i < cells; i++) {
      if (boxed === undefined || boxed[i] === 0) this.#bare[i] = 1;
      else if (this.age > 0 && this.#hidden[i]! < parkedTicks) continue;
      this.#seen[i]!++;
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
      const seen = this.#seen[i]!;
      const bare = this.#bare[i] === 1;
      const returns = bare && this.#hidden[i]! > 0 && this.#hidden[i]! < parkedTicks;
      this.#hidden[i] = bare ? 0 : Math.min(this.#hidden[i]! + 1, parkedTicks);
      this.#open[i] = seen < this.#frames ? 0 : Math.min(this.#open[i]! + 1, openTicks);
      this.#visible[i] = this.#open[i] === openTicks ? 1 : 0;
      if (seen === 0) continue;
      // What was seen before it was hidden may be the front of the object; and a box that flickers lets its object
      // through now and then: such a look counts for as little as it was short.
      const part = returns ? 1 : (share * seen) / this.#frames;
      this.grey[i]! += part * (this.#sums[i]! / seen - this.grey[i]!);
      this.detail[i]! += part * (this.#details[i]! / seen - this.detail[i]!);
    }
    this.#seen.fill(0);
    this.#bare.fill(0);
    this.#sums.fill(0);
    this.#details.fill(0);
    this.#frames = 0;
    this.age++;
  }

  reset(): void {
    this.age = 0;
    this.#frames = 0;
    this.#seen.fill(0);
    this.#bare.fill(0);
    this.#hidden.fill(0);
    this.#open.fill(openTicks);
    this.#visible.fill(1);
    this.#sums.fill(0);
    this.#details.fill(0);
  }

  /** Some 50 microseconds; call once per tick. `noise`: second difference that noise alone gives, live. */
  compare(reference: ViewReference, referenceGradients: Float32Array, noise: number): ViewFeatures {
    const { gain, offset, foreign } = lightFit(this.grey, reference, this.#visible);
    // The background under a box is assumed unchanged.
    for (let i = 0; i < cells; i++) {
      this.#whole[i] = this.#visible[i] === 1 ? this.grey[i]! : gain * reference.grey[i]! + offset;
    }
    return {
      gain: Math.log(Math.max(gain, 0.02)),
      offset: offset / 255,
      match: gradientMatch(referenceGradients, gradients(this.#whole, this.#gradients), 0, 0),
      foreign,
      lostDetail: lostDetail(this.detail, reference.detail, this.#visible, noise * detailScale),
    };
  }

  /**
   * Where the reference lies in the newest picture: the smoothed one still holds the old view for some seconds. Some
   * 1 ms, so only when there is reason to ask.
   */
  shift(referenceGradients: Float32Array): Shift {
    return findShift(gradients(this.#newest ?? this.grey, this.#gradients), referenceGradients);
  }

  /** The same for one of the warps: see `matchWarped`. */
  warped(reference: ViewReference, turn: number): number {
    return matchWarped(gradients(this.#newest ?? this.grey, this.#gradients), reference.grey, turn);
  }

  /** How well each cause explains what is seen. Some 0.5 ms. */
  fit(reference: ViewReference, referenceGradients: Float32Array): PictureFit {
    const { grey, detail, visible } = this.#standing;
    for (let i = 0; i < cells; i++) {
      const stands = this.#hidden[i]! >= standsTicks;
      visible[i] = stands ? 1 : this.#visible[i]!;
      grey[i] = stands ? this.#bareGrey[i]! : this.grey[i]!;
      detail[i] = stands ? this.#bareDetail[i]! : this.detail[i]!;
    }
    const matches = partMatches(gradients(grey, this.#gradients), referenceGradients, visible);
    return fitPicture(this.#standing, reference, matches);
  }
}

/** Least squares live = gain * reference + offset, once more without the cells that lie far off. */
function lightFit(
  live: Float32Array,
  reference: ViewReference,
  visible: Uint8Array,
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
      if (visible[i] === 0) continue;
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
    if (visible[i] === 0) continue;
    const residual = Math.abs(live[i]! - gain * reference.grey[i]! - offset);
    if (residual > Math.max(10, 4 * reference.spread[i]!)) foreign++;
  }
  return { gain, offset, foreign: foreign / cells };
}

function lostDetail(live: Float32Array, reference: Uint8Array, visible: Uint8Array, noise: number): number {
  let had = 0;
  let lost = 0;
  for (let i = 0; i < cells; i++) {
    const before = reference[i]!;
    // Below this a cell holds little more than noise.
    if (before < 16 || visible[i] === 0) continue;
    had++;
    if (live[i]! - noise < 0.5 * (before - noise)) lost++;
  }
  return had < 20 ? 0 : lost / had;
}
