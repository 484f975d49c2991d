import { thumbnailCells } from '../picture/grid.ts';

/** Grey levels by which a cell must change to have moved; noise and clouds stay below. */
const moved = 14;

/** Pictures this far apart are compared: a walker moves by a cell or two in the time. */
const apartMs = 1000;
/** Comparisons per second. */
const everyMs = 200;
const kept = apartMs / everyMs;

interface Look {
  readonly atMs: number;
  readonly grey: Uint8Array;
  readonly boxed: Uint8Array;
}

/**
 * Share of the picture that moved within a second and that no box explains, before or after: what the model does not
 * know, or no longer finds, moves too. Needs no labels.
 */
export class UnexplainedMotion {
  #looks: Look[] = [];
  #cells = 0;
  #compared = 0;

  /** Some 20 microseconds, five times a second. */
  add(grey: Uint8Array, boxed: Uint8Array, atMs: number): void {
    const last = this.#looks.at(-1);
    if (last !== undefined && atMs - last.atMs < everyMs * 0.9) return;
    const look = { atMs, grey, boxed: Uint8Array.from(boxed) };
    this.#looks.push(look);
    if (this.#looks.length <= kept) return;
    const before = this.#looks.shift()!;
    for (let i = 0; i < thumbnailCells; i++) {
      if (Math.abs(grey[i]! - before.grey[i]!) < moved) continue;
      if (look.boxed[i] === 0 && before.boxed[i] === 0) this.#cells++;
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
    this.#looks = [];
    this.#cells = 0;
    this.#compared = 0;
  }
}
