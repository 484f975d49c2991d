const wrap = 2 ** 33;

/** Times of a transport stream: they begin near 0, on either side of it, and go on over the end of their 33 bits. */
export class StreamTimes {
  readonly #offset: number;
  #last: number;

  /** `offset`: ticks that are 0. */
  constructor(offset = 0) {
    this.#offset = offset;
    this.#last = offset;
  }

  timeNs(ticks: number): bigint {
    const value = ticks + Math.round((this.#last - ticks) / wrap) * wrap;
    this.#last = value;
    return timeOfTicks(value - this.#offset);
  }
}

/** 90,000 ticks are a second. */
export function timeOfTicks(ticks: number): bigint {
  return (BigInt(ticks) * 100_000n) / 9n;
}

/** Of a time that is not before 0: the last one that is not after it. */
export function ticksOf(timeNs: bigint): number {
  return Number((timeNs * 9n) / 100_000n);
}
