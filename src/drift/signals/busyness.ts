/** Time in which what was before fades to 1/e, seconds: objects that come now are of the street of this half minute. */
const memoryS = 30;

/** How busy the street is: the signal `detections`, smoothed. */
export class Busyness {
  #value = Number.NaN;

  /** One second; NaN says nothing. Gives NaN until something is known. */
  add(detections: number): number {
    if (Number.isNaN(this.#value)) this.#value = detections;
    else if (!Number.isNaN(detections))
      this.#value += (detections - this.#value) * (1 - Math.exp(-1 / memoryS));
    return this.#value;
  }

  /** A stretch begins of which only itself is known: as if the time before had been as busy as it is on average. */
  begin(stretch: ArrayLike<number>): void {
    let sum = 0;
    let known = 0;
    for (let i = 0; i < stretch.length; i++) {
      if (Number.isNaN(stretch[i]!)) continue;
      sum += stretch[i]!;
      known++;
    }
    this.#value = sum / known;
  }

  reset(): void {
    this.#value = Number.NaN;
  }
}
