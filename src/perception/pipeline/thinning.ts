/** Of the frames of a camera only some are taken in work. */
export interface Thinning {
  /** Every n-th frame. */
  readonly every?: number;
  /** Frames per second at most. */
  readonly maxFps?: number;
  /** None at all. */
  readonly none?: boolean;
}

/** A frame that comes this much of a period early still counts as in time: no camera is exact. */
const slackShare = 0.05;

/** Which frames of one camera pass. Times are monotonic. */
export class FrameThinner {
  readonly #thinning: Thinning;
  #seen = 0;
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor(thinning: Thinning) {
    this.#thinning = thinning;
  }

  passes(nowMs: number): boolean {
    const { every = 1, maxFps, none = false } = this.#thinning;
    if (none) return false;
    if (this.#seen++ % Math.max(1, every) !== 0) return false;
    if (maxFps === undefined) return true;
    const periodMs = 1000 / maxFps;
    if (nowMs < this.#dueMs - slackShare * periodMs) return false;
    // In step with the rate; after a pause of the camera one frame is made up for and no more.
    this.#dueMs = Math.max(this.#dueMs, nowMs - periodMs) + periodMs;
    return true;
  }
}
