import type { Box } from '../detection.ts';

/** Position and velocity of one coordinate with their covariance. */
interface Axis {
  x: number;
  v: number;
  pxx: number;
  pxv: number;
  pvv: number;
}

/**
 * Spread as a part of the box's height, as in SORT and ByteTrack (position 1/20; velocity 1/160 per frame at 30 frames/s),
 * turned into rates per second so that the frame rate may vary.
 */
const measured = 1 / 20;
/** Drift of the position, heights per square root of a second: 1/20 * sqrt(30). */
const positionNoise = 0.274;
/** Drift of the velocity, heights per second per square root of a second: 30/160 * sqrt(30). */
const velocityNoise = 1.03;

/**
 * Kalman filter of one box: centre and size, each moving with constant velocity. The coordinates do not share noise, so
 * four filters of two states say the same as one of eight.
 */
export class BoxMotion {
  readonly #axes: [Axis, Axis, Axis, Axis];

  constructor(box: Box) {
    const spread = 2 * measured * height(box);
    // 10 velocity steps of ByteTrack's start: 10/160 heights per frame of 1/30 s.
    const speed = (300 / 160) * height(box);
    const axis = (x: number): Axis => ({ x, v: 0, pxx: spread ** 2, pxv: 0, pvv: speed ** 2 });
    const [cx, cy, w, h] = centred(box);
    this.#axes = [axis(cx), axis(cy), axis(w), axis(h)];
  }

  /** Moves the expectation `seconds` on; `growing` false while the object is not seen, when its size is not to drift. */
  predict(seconds: number, growing: boolean): void {
    const h = Math.max(1, this.#axes[3].x);
    const q = (velocityNoise * h) ** 2;
    const qx = (positionNoise * h) ** 2 * seconds;
    for (const [index, axis] of this.#axes.entries()) {
      if (index >= 2 && !growing) axis.v = 0;
      axis.x += axis.v * seconds;
      axis.pxx += 2 * seconds * axis.pxv + seconds ** 2 * axis.pvv + qx + (q * seconds ** 3) / 3;
      axis.pxv += seconds * axis.pvv + (q * seconds ** 2) / 2;
      axis.pvv += q * seconds;
    }
    for (const size of [this.#axes[2], this.#axes[3]]) {
      if (size.x < 1) {
        size.x = 1;
        size.v = 0;
      }
    }
  }

  update(box: Box): void {
    const r = (measured * Math.max(1, height(box))) ** 2;
    for (const [index, z] of centred(box).entries()) {
      const axis = this.#axes[index as 0 | 1 | 2 | 3];
      const s = axis.pxx + r;
      const kx = axis.pxx / s;
      const kv = axis.pxv / s;
      const error = z - axis.x;
      axis.x += kx * error;
      axis.v += kv * error;
      axis.pvv -= kv * axis.pxv;
      axis.pxv *= 1 - kx;
      axis.pxx *= 1 - kx;
    }
  }

  /** Where the box is expected now, pixels. */
  get box(): Box {
    const [cx, cy, w, h] = this.#axes;
    return { x1: cx.x - w.x / 2, y1: cy.x - h.x / 2, x2: cx.x + w.x / 2, y2: cy.x + h.x / 2 };
  }

  /** Pixels per second. */
  get velocity(): { readonly x: number; readonly y: number } {
    return { x: this.#axes[0].v, y: this.#axes[1].v };
  }
}

function height(box: Box): number {
  return box.y2 - box.y1;
}

function centred({ x1, y1, x2, y2 }: Box): [number, number, number, number] {
  return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1];
}
