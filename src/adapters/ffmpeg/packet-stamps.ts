import type { StreamPacket } from '../../perception/index.ts';
import type { StreamUnit } from './transport-stream.ts';

const wrap = 2 ** 33;
/** Pictures that wait for the first one that is decoded. */
const mostWaiting = 300;

/**
 * Gives packets the stamps of the frames that are decoded from them: both have the time of the stream, and a frame says how that
 * lies to our clock.
 */
export class PacketStamps {
  readonly #hand: (packet: StreamPacket) => void;
  readonly #waiting: StreamUnit[] = [];
  #offsetNs: bigint | undefined;
  #last: number | undefined;

  constructor(hand: (packet: StreamPacket) => void) {
    this.#hand = hand;
  }

  /** A frame was decoded. `timeNs`: of the stream. */
  frame(timeNs: bigint | undefined, stampNs: bigint): void {
    if (timeNs === undefined) return;
    this.#offsetNs = stampNs - timeNs;
    for (const unit of this.#waiting.splice(0)) this.#give(unit, this.#offsetNs);
  }

  unit(unit: StreamUnit): void {
    if (this.#offsetNs !== undefined) this.#give(unit, this.#offsetNs);
    else if (this.#waiting.push(unit) > mostWaiting) this.#waiting.shift();
  }

  #give({ ticks, ...unit }: StreamUnit, offsetNs: bigint): void {
    const timeNs = (BigInt(this.#unwrapped(ticks)) * 100_000n) / 9n;
    this.#hand({ ...unit, stampNs: timeNs + offsetNs });
  }

  /** The stream begins near 0, on either side of it, and goes on over the end of its 33 bits. */
  #unwrapped(ticks: number): number {
    const near = this.#last ?? 0;
    const value = ticks + Math.round((near - ticks) / wrap) * wrap;
    this.#last = value;
    return value;
  }
}
