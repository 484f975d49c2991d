import {
  thumbnailHeight as height,
  type PerceptionResult,
  thumbnailWidth as width,
} from '../../perception/index.ts';

/** Grey levels below which a cell has not moved; noise stays below. */
const moved = 8;
/** A box below this score is not believed to hold anything. */
const believed = 0.35;
/** The ring around a box is as wide as this share of it, at every side. */
const ring = 0.4;
/** Grey levels of motion in and around boxes that say something. */
const least = 300;

/**
 * Whether boxes lie on what moves: how much of the motion in and closely around the boxes lies in them, per area. Boxes that
 * are shifted, of an older picture or made up let go of what they hold, and nothing else shows it: 0.5 is chance.
 */
export class BoxGrip {
  #before: Uint8Array | undefined;
  /** Integral image, one row and one column more than cells. */
  readonly #sums = new Float64Array((width + 1) * (height + 1));
  #inside = 0;
  #around = 0;
  #insideArea = 0;
  #aroundArea = 0;

  /** Some 20 microseconds, five times a second. */
  add(grey: Uint8Array, { detections, width: w, height: h }: PerceptionResult): void {
    const before = this.#before;
    this.#before = grey;
    if (before === undefined || detections.length === 0) return;
    this.#integrate(grey, before);
    for (const { box, score } of detections) {
      if (!(score >= believed)) continue;
      const [x1, x2] = [(box.x1 / w) * width, (box.x2 / w) * width];
      const [y1, y2] = [(box.y1 / h) * height, (box.y2 / h) * height];
      const [dx, dy] = [ring * (x2 - x1), ring * (y2 - y1)];
      const inner = this.#within(x1, y1, x2, y2);
      const outer = this.#within(x1 - dx, y1 - dy, x2 + dx, y2 + dy);
      this.#inside += inner.motion;
      this.#insideArea += inner.area;
      this.#around += outer.motion - inner.motion;
      this.#aroundArea += outer.area - inner.area;
    }
  }

  /** 0..1; NaN where nothing moved by the boxes. */
  tick(): number {
    const inside = this.#inside / this.#insideArea;
    const around = this.#around / this.#aroundArea;
    const enough = this.#inside + this.#around >= least;
    this.#inside = 0;
    this.#around = 0;
    this.#insideArea = 0;
    this.#aroundArea = 0;
    return enough ? inside / (inside + around) : Number.NaN;
  }

  reset(): void {
    this.#before = undefined;
    this.tick();
  }

  #integrate(grey: Uint8Array, before: Uint8Array): void {
    const sums = this.#sums;
    for (let y = 0, cell = 0, at = width + 2; y < height; y++, at++) {
      let row = 0;
      for (let x = 0; x < width; x++, cell++, at++) {
        const apart = Math.abs(grey[cell]! - before[cell]!);
        if (apart >= moved) row += apart;
        sums[at] = sums[at - width - 1]! + row;
      }
    }
  }

  /** Cells that the border of a box cuts count in part. */
  #within(x1: number, y1: number, x2: number, y2: number): { motion: number; area: number } {
    const [left, right] = [clip(x1, width), clip(x2, width)];
    const [top, bottom] = [clip(y1, height), clip(y2, height)];
    const motion =
      this.#upTo(right, bottom) - this.#upTo(left, bottom) - this.#upTo(right, top) + this.#upTo(left, top);
    return { motion, area: (right - left) * (bottom - top) };
  }

  #upTo(x: number, y: number): number {
    const [x0, y0] = [Math.min(width - 1, Math.floor(x)), Math.min(height - 1, Math.floor(y))];
    const [fx, fy] = [x - x0, y - y0];
    const at = y0 * (width + 1) + x0;
    const sums = this.#sums;
    const upper = sums[at]! * (1 - fx) + sums[at + 1]! * fx;
    const lower = sums[at + width + 1]! * (1 - fx) + sums[at + width + 2]! * fx;
    return upper * (1 - fy) + lower * fy;
  }
}

/** NaN counts as the border. */
function clip(value: number, most: number): number {
  return value > 0 ? Math.min(most, value) : 0;
}
