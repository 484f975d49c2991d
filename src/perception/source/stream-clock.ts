/** Two of these are looked at, so that a clock that runs away by 50 parts in a million is off by 3 ms at most. */
const windowNs = 30_000_000_000n;
/** A picture that comes later than this after its time was not late: the clock of its stream was set. */
const mostLateNs = 5_000_000_000n;
/** Our own clock was set back, where a picture comes so much before the one before it. */
const setBackNs = 1_000_000_000n;

/**
 * When a picture of a stream was taken, by our clock. A stream has a clock of its own that begins anywhere; the picture
 * that came soonest after its time says how the two clocks lie. So pictures keep the distances that the camera gave them,
 * whatever the network does to them; what they all were late by (exposure, encoder, the shortest way) stays unknown.
 *
 * INVARIANTS
 * - a stamp is never later than the arrival of its picture;
 * - stamps grow, unless our own clock is set back;
 * - times that jump, go back or stand still begin anew: the stamp is the arrival then, and `jumps` counts it.
 */
export class StreamClock {
  #lastTimeNs: bigint | undefined;
  #lastStampNs: bigint | undefined;
  /** Arrival less time: the least of this window and of the one before. */
  #leastNs = 0n;
  #leastBeforeNs = 0n;
  #windowEndsNs = 0n;
  #jumps = 0;

  get jumps(): number {
    return this.#jumps;
  }

  /** `timeNs`: of the stream; undefined where it has none. `arrivedNs`: wall clock. */
  stampOf(timeNs: bigint | undefined, arrivedNs: bigint): bigint {
    const stamp = timeNs === undefined ? arrivedNs : timeNs + this.#offset(timeNs, arrivedNs);
    const last = this.#lastStampNs;
    const setBack = last !== undefined && arrivedNs < last - setBackNs;
    this.#lastStampNs = last === undefined || setBack || stamp > last ? stamp : last + 1n;
    return this.#lastStampNs;
  }

  /** Another connection: its clock says nothing about the one before. */
  restart(): void {
    this.#lastTimeNs = undefined;
  }

  #offset(timeNs: bigint, arrivedNs: bigint): bigint {
    const offset = arrivedNs - timeNs;
    const last = this.#lastTimeNs;
    this.#lastTimeNs = timeNs;
    const least = smaller(this.#leastNs, this.#leastBeforeNs);
    const ahead = last !== undefined && timeNs - last > mostLateNs && least - offset > mostLateNs;
    const jumped = last !== undefined && (timeNs <= last || offset - least > mostLateNs || ahead);
    if (jumped) this.#jumps += 1;
    if (last === undefined || jumped) {
      this.#leastNs = offset;
      this.#leastBeforeNs = offset;
      this.#windowEndsNs = arrivedNs + windowNs;
      return offset;
    }
    if (arrivedNs >= this.#windowEndsNs) {
      this.#leastBeforeNs = this.#leastNs;
      this.#leastNs = offset;
      this.#windowEndsNs = arrivedNs + windowNs;
    }
    this.#leastNs = smaller(this.#leastNs, offset);
    return smaller(this.#leastNs, this.#leastBeforeNs);
  }
}

// Math.min takes no bigint.
const smaller = (a: bigint, b: bigint) => (b < a ? b : a);
