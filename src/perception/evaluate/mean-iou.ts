import type { Detection } from '../detection.ts';

export interface ClassIou {
  readonly classId: number;
  /** Pixels of the truth. */
  readonly pixels: number;
  readonly iou: number;
}

export interface MeanIou {
  /** Mean over the classes that occur in the truth, 0..1. */
  readonly miou: number;
  /** Share of the judged pixels whose class is right, 0..1. */
  readonly pixelAccuracy: number;
  readonly perClass: readonly ClassIou[];
}

/** A pixel of the truth that doesn't count, as in Pascal VOC, Cityscapes and ADE20K. */
const ignored = 255;

/** Mean intersection over union of classes, over all pictures together (Pascal VOC's and Cityscapes' measure). */
export class MeanIouCounter {
  readonly #both: Float64Array;
  readonly #truth: Float64Array;
  readonly #said: Float64Array;
  #judged = 0;

  constructor(classCount: number) {
    this.#both = new Float64Array(classCount);
    this.#truth = new Float64Array(classCount);
    this.#said = new Float64Array(classCount);
  }

  /** `truth`: the class of each pixel, line by line; 255 is ignored. Throws a RangeError for a class that there is not. */
  add(truth: Uint8Array, width: number, found: readonly Detection[]): void {
    const said = pixelClasses(found, width, truth.length / width);
    for (let i = 0; i < truth.length; i++) {
      const is = truth[i]!;
      if (is === ignored) continue;
      if (is >= this.#truth.length) throw new RangeError(`class ${is}`);
      this.#judged += 1;
      this.#truth[is]! += 1;
      const as = said[i]!;
      if (as >= 0) this.#said[as]! += 1;
      if (as === is) this.#both[is]! += 1;
    }
  }

  /** Counts what another one has counted, so many times over. */
  merge(other: MeanIouCounter, times = 1): void {
    for (let c = 0; c < this.#truth.length; c++) {
      this.#both[c]! += times * other.#both[c]!;
      this.#truth[c]! += times * other.#truth[c]!;
      this.#said[c]! += times * other.#said[c]!;
    }
    this.#judged += times * other.#judged;
  }

  get result(): MeanIou {
    const perClass: ClassIou[] = [];
    for (const [classId, pixels] of this.#truth.entries()) {
      if (pixels === 0) continue;
      const both = this.#both[classId]!;
      perClass.push({ classId, pixels, iou: both / (pixels + this.#said[classId]! - both) });
    }
    const right = this.#both.reduce((sum, count) => sum + count, 0);
    return {
      miou: perClass.length === 0 ? 0 : perClass.reduce((sum, { iou }) => sum + iou, 0) / perClass.length,
      pixelAccuracy: this.#judged === 0 ? 0 : right / this.#judged,
      perClass,
    };
  }
}

/** The class of each pixel by the masks that were found; -1: none. */
export function pixelClasses(found: readonly Detection[], width: number, height: number): Int32Array {
  const classes = new Int32Array(width * height).fill(-1);
  for (const { classId, mask, box } of found) {
    if (mask === undefined) continue;
    const bottom = Math.min(height, Math.ceil(box.y2));
    const right = Math.min(width, Math.ceil(box.x2));
    for (let y = Math.max(0, Math.floor(box.y1)); y < bottom; y++) {
      const row = Math.floor((y + 0.5 - mask.y) / mask.cellHeight);
      if (row < 0 || row >= mask.rows) continue;
      for (let x = Math.max(0, Math.floor(box.x1)); x < right; x++) {
        const column = Math.floor((x + 0.5 - mask.x) / mask.cellWidth);
        if (column < 0 || column >= mask.columns) continue;
        if (mask.values[row * mask.columns + column]! > 127) classes[y * width + x] = classId;
      }
    }
  }
  return classes;
}
