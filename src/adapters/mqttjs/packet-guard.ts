import { LimitError, RefusedError } from '../../base/index.ts';

/** The number of a PUBLISH in the first byte of a packet (MQTT 5, 2.1.2). */
const publish = 3;
const lengthBytes = 4;

/**
 * Looks at the headers of what a broker sends. The library collects a packet up to any length that its header names (256 MB), and
 * takes messages without a subscription for as long as they come.
 */
export class PacketGuard {
  readonly #maxBytes: number;
  readonly #isSubscribed: () => boolean;
  /** Of a packet that has begun: bytes that still come. */
  #left = 0;
  /** Of its header: the kind, and the length as far as it has come. */
  #kind: number | undefined;
  #length = 0;
  #digits = 0;

  constructor(maxBytes: number, isSubscribed: () => boolean) {
    this.#maxBytes = maxBytes;
    this.#isSubscribed = isSubscribed;
  }

  /** Throws for a packet that is not taken; nothing more may be read then. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, bytes.length - at);
        this.#left -= step;
        at += step;
      } else this.#header(bytes[at++]!);
    }
  }

  #header(byte: number): void {
    if (this.#kind === undefined) {
      this.#kind = byte >> 4;
      return;
    }
    this.#length += (byte & 0x7f) * 128 ** this.#digits++;
    if (byte >= 0x80 && this.#digits < lengthBytes) return;
    if (this.#length > this.#maxBytes) throw tooLarge(this.#length, this.#maxBytes);
    if (this.#kind === publish && !this.#isSubscribed()) throw unasked();
    this.#left = this.#length;
    this.#kind = undefined;
    this.#length = 0;
    this.#digits = 0;
  }
}

function tooLarge(bytes: number, most: number): LimitError {
  return new LimitError(
    'broker-packet',
    `The broker sends a packet of ${bytes} bytes, above the limit of ${most} that it was given.`,
    'Use a broker that keeps to MQTT 5, such as Mosquitto 2.',
  );
}

function unasked(): RefusedError {
  return new RefusedError(
    'broker-unasked',
    'The broker sends messages without a subscription.',
    'Check the address of the broker, and use one that keeps to MQTT 5, such as Mosquitto 2.',
  );
}
