import type { Box } from '../detection.ts';
import type { Anchor } from './rule-settings.ts';

/** The speed is that of the last half second or so: single steps of a box are noise. */
const speedMemoryNs = 0.5e9;

/** Where an anchor is in the lists of a motion. */
export const anchorPlaces: Readonly<Record<Anchor, number>> = {
  'bottom-center': 0,
  center: 1,
  'top-center': 2,
};

/** One track as the rules see it. Lengths are heights of the picture, times nanoseconds since the first frame. */
export class Motion {
  readonly id: number;
  readonly label: string;
  seenNs = 0;
  sightings = 0;
  /** Of its box. */
  height = 0;
  x = 0;
  beforeX = 0;
  /** By anchor: a box has one middle, and a point in it for each. */
  readonly y = [0, 0, 0];
  readonly beforeY = [0, 0, 0];
  #velocityX = 0;
  #velocityY = 0;

  constructor(id: number, label: string) {
    this.id = id;
    this.label = label;
  }

  /** Of the foot of its box. */
  get speed(): number {
    return Math.hypot(this.#velocityX, this.#velocityY);
  }

  see({ x1, y1, x2, y2 }: Box, width: number, height: number, nowNs: number): void {
    this.beforeX = this.x;
    for (let i = 0; i < 3; i++) this.beforeY[i] = this.y[i]!;
    // A box that is cut off by the border of the picture ends on it; a point in its last pixel is inside of zones that reach there.
    this.x = inside((x1 + x2) / 2, width) / height;
    this.y[0] = inside(y2, height) / height;
    this.y[1] = inside((y1 + y2) / 2, height) / height;
    this.y[2] = inside(y1, height) / height;
    this.height = (y2 - y1) / height;
    this.sightings += 1;
    if (this.sightings > 1) this.#hasten(nowNs - this.seenNs);
    this.seenNs = nowNs;
  }

  #hasten(stepNs: number): void {
    const x = ((this.x - this.beforeX) * 1e9) / stepNs;
    const y = ((this.y[0]! - this.beforeY[0]!) * 1e9) / stepNs;
    const share = this.sightings === 2 ? 1 : 1 - Math.exp(-stepNs / speedMemoryNs);
    this.#velocityX += share * (x - this.#velocityX);
    this.#velocityY += share * (y - this.#velocityY);
  }

  /** The picture has another shape: what was measured in its heights sideways is so no more. */
  reshape(factor: number): void {
    this.x *= factor;
    this.#velocityX *= factor;
  }
}

export function inside(value: number, size: number): number {
  return Math.min(size - 0.5, Math.max(0.5, value));
}
