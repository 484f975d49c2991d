/** What is to be told of a device: that it came or went, since when, and how often it changed without a word in between. */
export interface PresenceNews {
  readonly online: boolean;
  /** Monotonic: when it came or went. */
  readonly sinceMs: number;
  /** Monotonic: when it had gone or come before; undefined where nobody knows. */
  readonly beforeMs: number | undefined;
  /** Comings and goings since the last news that were not told. */
  readonly untold: number;
}

/** It must stay away, or here, for so long before it is told. */
export const settleMs = 10_000;
/** So many news at once, and one more in each period. */
const burst = 6;
const everyMs = 600_000;

/**
 * Which comings and goings of one device are news. What lasts less than ten seconds is none, and a device that comes and
 * goes all day is told of once in ten minutes; how it stands at last is always told.
 */
export class Presence {
  /** As it was told last; undefined while nobody knows: then the first look only takes note. */
  told: boolean | undefined;
  #toldSinceMs: number | undefined;
  #seen: boolean | undefined;
  #seenSinceMs = 0;
  #untold = 0;
  #tokens = burst;
  #tokensAtMs: number | undefined;

  /** `nowMs` is monotonic. Called for every device every few seconds. */
  look(online: boolean, nowMs: number): PresenceNews | undefined {
    if (online !== this.#seen) {
      if (this.#seen !== undefined) this.#untold += 1;
      this.#seen = online;
      this.#seenSinceMs = nowMs;
    }
    if (this.told === undefined) {
      this.#take(online);
      return undefined;
    }
    if (online === this.told || nowMs - this.#seenSinceMs < settleMs || !this.#mayTell(nowMs))
      return undefined;
    const news = {
      online,
      sinceMs: this.#seenSinceMs,
      beforeMs: this.#toldSinceMs,
      // The change that is told now is not among them.
      untold: Math.max(0, this.#untold - 1),
    };
    this.#take(online);
    return news;
  }

  #take(online: boolean): void {
    this.told = online;
    this.#toldSinceMs = this.#seenSinceMs;
    this.#untold = 0;
  }

  #mayTell(nowMs: number): boolean {
    const passedMs = nowMs - (this.#tokensAtMs ?? nowMs);
    this.#tokens = Math.min(burst, this.#tokens + passedMs / everyMs);
    this.#tokensAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
