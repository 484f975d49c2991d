/** The order of decoding is not that of showing by more than this, and no picture of a camera that goes on comes later. */
const mostStepNs = 10_000_000_000n;
const mostBackNs = 2_000_000_000n;

/** A piece of a stream with one clock: a connection, or what comes after a jump of its times. */
export class Stretch {
  #firstNs: bigint | undefined;
  #lastNs: bigint | undefined;
  #offsetNs: bigint | undefined;

  /** Of the newest packet. */
  get lastNs(): bigint | undefined {
    return this.#lastNs;
  }

  /** Whether a packet of this time belongs to another one. */
  leaps(timeNs: bigint): boolean {
    const last = this.#lastNs;
    return last !== undefined && (timeNs > last + mostStepNs || timeNs < last - mostBackNs);
  }

  /** Whether a frame of this time was decoded from it, however late that is. */
  holds(timeNs: bigint): boolean {
    const [first, last] = [this.#firstNs, this.#lastNs];
    return first !== undefined && last !== undefined && timeNs >= first && timeNs <= last;
  }

  note(timeNs: bigint): void {
    if (this.#firstNs === undefined || timeNs < this.#firstNs) this.#firstNs = timeNs;
    if (this.#lastNs === undefined || timeNs > this.#lastNs) this.#lastNs = timeNs;
  }

  /** A frame of this time has this stamp. The newest says best how the clocks lie: the first came late. */
  synchronize(timeNs: bigint, stampNs: bigint): void {
    this.#offsetNs = stampNs - timeNs;
  }

  /** By our clock; undefined before a frame was decoded. */
  wallNs(timeNs: bigint): bigint | undefined {
    return this.#offsetNs === undefined ? undefined : timeNs + this.#offsetNs;
  }
}
