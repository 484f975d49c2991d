import { thumbnailCells } from '../../perception/index.ts';

/** Grey levels by which a cell must change to have moved; noise and clouds stay below. */
const moved = 14;

/** Pictures this far apart are compared: a walker moves by a cell or two in the time. */
const apartMs = 1000;
/** Comparisons per second. */
const everyMs = 200;
const kept = apartMs / everyMs;

interface Sample {
  readonly atMs: number;
  readonly grey: Uint8Array;
  readonly boxed: Uint8Array;
}

/**
 * Share of the picture that moved within a second and that no box explains, before or after: what the model does not
 * know, or no longer finds, moves too. Needs no labels.
 */
export class UnexplainedMotion {
  #samples: Sample[] = [];
  #cells = 0;
  #compared = 0;

  /** Some 20 microseconds, five times a second. */
  add(grey: Uint8Array, boxed: Uint8Array, atMs: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs - last.atMs < everyMs * 0.9) return;
    const sample = { atMs, grey, boxed: Uint8Array.from(boxed) };
    this.#samples.push(sample);
    if (this.#samples.length <= kept) return;
    const before = this.#samples.shift()!;
    for (let i = 0; i < thumbnailCells; i++) {
      if (Math.abs(grey[i]! - before.grey[i]!) < moved) continue;
      if (sample.boxed[i] === 0 && before.boxed[i] === 0) this.#cells++;
    }
    this.#compared++;
  }

  /** ln(share + 0.002) over the tick; NaN where nothing was compared. */
  tick(): number {
    const share = this.#cells / (this.#compared * thumbnailCells);
    this.#cells = 0;
    this.#compared = 0;
    return Math.log(share + 0.002);
  }

  reset(): void {
    this.#samples = [];
    this.#cells = 0;
    this.#compared = 0;
  }
}
