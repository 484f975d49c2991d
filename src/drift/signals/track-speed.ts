import type { Box } from '../../perception/index.ts';

interface Anchor {
  readonly atMs: number;
  readonly x: number;
  readonly y: number;
}

const maxTracks = 1024;
/** A speed is measured over so long: a box jitters from frame to frame. */
const overMs = 1000;
const forgetMs = 3000;

/** How fast tracked boxes go, in their own sizes per second: in a frozen picture they stand, and late answers lie behind by it. */
export class TrackSpeed {
  readonly #anchors = new Map<number, Anchor>();
  #sum = 0;
  #count = 0;

  see(trackId: number, { x1, y1, x2, y2 }: Box, atMs: number): void {
    const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
    const anchor = this.#anchors.get(trackId);
    if (anchor !== undefined && atMs - anchor.atMs < overMs) return;
    if (anchor === undefined && this.#anchors.size >= maxTracks) return;
    this.#anchors.set(trackId, { atMs, x, y });
    if (anchor === undefined || atMs - anchor.atMs > 2 * overMs) return;
    const size = Math.sqrt((x2 - x1) * (y2 - y1));
    const speed = Math.hypot(x - anchor.x, y - anchor.y) / size / ((atMs - anchor.atMs) / 1000);
    if (!Number.isFinite(speed)) return;
    this.#sum += speed;
    this.#count++;
  }

  /** Mean since the last call; NaN where no track lasted. */
  tick(atMs: number): number {
    for (const [id, anchor] of this.#anchors) if (atMs - anchor.atMs > forgetMs) this.#anchors.delete(id);
    const mean = this.#sum / this.#count;
    this.#sum = 0;
    this.#count = 0;
    return mean;
  }

  reset(): void {
    this.#anchors.clear();
    this.#sum = 0;
    this.#count = 0;
  }
}
