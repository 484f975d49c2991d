const wrap = 2 ** 33;

/** Times of a transport stream: they begin near 0, on either side of it, and go on over the end of their 33 bits. */
export class StreamTimes {
  #last = 0;

  timeNs(ticks: number): bigint {
    const value = ticks + Math.round((this.#last - ticks) / wrap) * wrap;
    this.#last = value;
    return (BigInt(value) * 100_000n) / 9n;
  }
}
