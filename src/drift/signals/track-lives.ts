interface Life {
  readonly sinceMs: number;
  lastMs: number;
  counted: boolean;
}

/** Tracks that are remembered at most; a picture shows some hundred. */
const maxTracks = 1024;
/** A track that has lived so long is an object. */
const objectMs = 500;
/** Unseen for longer, a track is over. */
const overMs = 3000;

/** How long tracks live and how often they vanish from one frame to the next. Fixed memory. */
export class TrackLives {
  readonly #lives = new Map<number, Life>();
  #tracking = false;
  #lastFrameMs: number | undefined;
  #seenBefore = 0;
  #seen = 0;
  #again = 0;
  #vanished = 0;
  #seconds = 0;

  /**
   * True once per object: when its track has proved itself. Without a tracker every detection counts as one.
   */
  see(trackId: number | undefined, atMs: number): boolean {
    if (trackId === undefined) return !this.#tracking;
    this.#tracking = true;
    const life = this.#lives.get(trackId);
    this.#seen++;
    if (life === undefined) {
      if (this.#lives.size < maxTracks)
        this.#lives.set(trackId, { sinceMs: atMs, lastMs: atMs, counted: false });
      return false;
    }
    if (life.lastMs === this.#lastFrameMs) this.#again++;
    life.lastMs = atMs;
    if (life.counted || atMs - life.sinceMs < objectMs) return false;
    life.counted = true;
    return true;
  }

  endFrame(atMs: number): void {
    if (this.#lastFrameMs !== undefined && atMs > this.#lastFrameMs) {
      this.#vanished += Math.max(0, this.#seenBefore - this.#again);
      this.#seconds += (this.#seenBefore * (atMs - this.#lastFrameMs)) / 1000;
    }
    this.#lastFrameMs = atMs;
    this.#seenBefore = this.#seen;
    this.#seen = 0;
    this.#again = 0;
  }

  /** `flicker`: vanishings per second of a track's life; `age`: mean of ln(1 + seconds) over the tracks that live. */
  tick(): { flicker: number; age: number } {
    const now = this.#lastFrameMs;
    let sum = 0;
    let count = 0;
    for (const [id, life] of this.#lives) {
      if (now === undefined || now - life.lastMs > overMs) this.#lives.delete(id);
      else if (life.lastMs === now) {
        sum += Math.log1p((now - life.sinceMs) / 1000);
        count++;
      }
    }
    const flicker = this.#seconds > 0.5 ? this.#vanished / this.#seconds : Number.NaN;
    this.#vanished = 0;
    this.#seconds = 0;
    return { flicker, age: count > 0 ? sum / count : Number.NaN };
  }

  reset(): void {
    this.#lives.clear();
    this.#lastFrameMs = undefined;
    this.#seenBefore = 0;
    this.#seen = 0;
    this.#again = 0;
    this.#vanished = 0;
    this.#seconds = 0;
  }
}
