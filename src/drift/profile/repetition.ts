/** One picture in so many is remembered, by what is in it: the same ones in every round of a loop. */
const everyNth = 16;
export const mostRemembered = 8192;
/** A picture that comes again so soon is a camera that repeats a frame, not a loop. */
const soonMs = 10_000;

export interface RepetitionState {
  readonly looked: number;
  readonly again: number;
  /** Hashes of the pictures that are remembered. */
  readonly seen: readonly number[];
}

/** Of two who learned apart: what both remember came again. */
export function mergedRepetition(a: RepetitionState, b: RepetitionState): RepetitionState {
  const seen = new Set([...a.seen, ...b.seen]);
  return {
    looked: a.looked + b.looked,
    again: a.again + b.again + a.seen.length + b.seen.length - seen.size,
    seen: [...seen].slice(0, mostRemembered),
  };
}

/** How much of what is learned has been seen before, to the byte: a video in a loop. Fixed memory. */
export class Repetition {
  readonly #seenMs = new Map<number, number>();
  #looked = 0;
  #again = 0;

  /** `hash`: of the picture's samples, noise included. */
  see(hash: number, atMs: number): void {
    if (hash % everyNth !== 0) return;
    const before = this.#seenMs.get(hash);
    if (before !== undefined && atMs - before < soonMs) return;
    this.#looked++;
    if (before !== undefined) this.#again++;
    else if (this.#seenMs.size >= mostRemembered) return;
    this.#seenMs.set(hash, atMs);
  }

  state(): RepetitionState {
    return { looked: this.#looked, again: this.#again, seen: [...this.#seenMs.keys()] };
  }

  /** Goes on counting, and knows the pictures of before: the same recording twice is no more life than once. */
  resume({ looked, again, seen }: RepetitionState): void {
    this.#looked = looked;
    this.#again = again;
    for (const hash of seen) this.#seenMs.set(hash, Number.NEGATIVE_INFINITY);
  }

  /** Share that had been seen before, at most 0.99: a first time there was. */
  get share(): number {
    return this.#looked < 8 ? 0 : Math.min(0.99, this.#again / this.#looked);
  }
}
