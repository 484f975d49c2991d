import { boxIou, type Detection } from '../../perception/index.ts';

/** Boxes of a frame that are looked at. */
const most = 64;
/** Overlap (intersection over union) of two boxes that are of the same thing. */
const same = 0.5;

/**
 * How many boxes are where the frame before had one of another class and none of theirs. A tracker keeps classes apart, so a
 * model that can't decide breaks tracks, and only places tell that the thing is the same.
 */
export class ClassFlips {
  #before: Detection[] = [];
  #now: Detection[] = [];
  #flips = 0;
  #stayed = 0;

  see(detection: Detection): void {
    if (this.#now.length >= most) return;
    this.#now.push(detection);
    let [mine, others] = [0, 0];
    for (const { box, label } of this.#before) {
      const overlap = boxIou(box, detection.box);
      if (label === detection.label) mine = Math.max(mine, overlap);
      else others = Math.max(others, overlap);
    }
    if (mine >= same) this.#stayed++;
    else if (others >= same) this.#flips++;
  }

  endFrame(): void {
    [this.#before, this.#now] = [this.#now, this.#before];
    this.#now.length = 0;
  }

  /** Share of the boxes that were there before, 0..1; NaN where there were none. */
  tick(): number {
    const share = this.#flips / (this.#flips + this.#stayed);
    this.#flips = 0;
    this.#stayed = 0;
    return share;
  }

  reset(): void {
    this.#before.length = 0;
    this.#now.length = 0;
    this.tick();
  }
}
