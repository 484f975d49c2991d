import type { GstStreamPiece } from '../../native/index.ts';
import type { PacketTaker } from '../../src/perception/index.ts';
import { StreamTimes, TransportStream, ticksOf, timeOfTicks } from '../../src/platform/index.ts';

/**
 * What goes into the decoder, as packets. Their times are those of the pictures that come out of it, in the steps of a transport
 * stream.
 */
export class StreamPackets {
  readonly #taker: PacketTaker;
  #stream: TransportStream | undefined;

  constructor(taker: PacketTaker) {
    this.#taker = taker;
  }

  add(pieces: readonly GstStreamPiece[]): void {
    for (const { jpeg, timeNs, bytes } of pieces) {
      if (jpeg) {
        if (timeNs !== undefined)
          this.#taker.packet({
            ...{ codec: 'jpeg', bytes, timeNs: inSteps(timeNs), keyframe: true, parameters: '' },
          });
        continue;
      }
      // Where one was dropped its last picture may be torn.
      if (timeNs !== undefined) this.#stream = this.#begin(timeNs);
      this.#stream?.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }
  }

  /** A picture was decoded. */
  frame(timeNs: bigint, stampNs: bigint): void {
    this.#taker.frame(inSteps(timeNs), stampNs);
  }

  /** The connection is over. */
  end(): void {
    this.#stream?.end();
    this.#stream = undefined;
  }

  /** GStreamer writes its times an hour later, or wherever it likes: the first picture says by how much. */
  #begin(firstNs: bigint): TransportStream {
    let times: StreamTimes | undefined;
    return new TransportStream(({ ticks, ...unit }) => {
      times ??= new StreamTimes(ticks - ticksOf(firstNs));
      this.#taker.packet({ ...unit, timeNs: times.timeNs(ticks) });
    });
  }
}

function inSteps(timeNs: bigint): bigint {
  return timeOfTicks(ticksOf(timeNs));
}
