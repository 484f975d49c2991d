import { decodeUtf8Leniently, InputError } from '../../base/index.ts';

/** What a message from the network may ask for at most. */
export interface CdrLimits {
  /** Bytes of one message, encapsulation included. */
  readonly maxBytes: number;
  /** Octets of one string. */
  readonly maxString: number;
  /** Elements of one sequence of anything but octets. */
  readonly maxElements: number;
}

export const defaultCdrLimits: CdrLimits = { maxBytes: 64 << 20, maxString: 64 << 10, maxElements: 100_000 };

/** Bytes before the first value: representation identifier and options (OMG DDSI-RTPS 2.5, 10.2). */
export const encapsulationBytes = 4;

/**
 * Reads plain CDR version 1, little- or big-endian, as ROS 2 sends it. Every read is checked against the end of the
 * message and against `limits`, and throws an InputError that names the field; nothing is allocated before the check.
 */
export class CdrReader {
  readonly littleEndian: boolean;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #limits: CdrLimits;
  readonly #type: string;
  #offset = encapsulationBytes;

  /** `type` is the message's name for the words of an error, e.g. `sensor_msgs/msg/Image`. */
  constructor(bytes: Uint8Array, type: string, limits: CdrLimits = defaultCdrLimits) {
    this.#bytes = bytes;
    this.#type = type;
    this.#limits = limits;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length > limits.maxBytes) {
      throw this.#error(
        'cdr-too-large',
        `it has ${bytes.length} bytes, at most ${limits.maxBytes} are allowed`,
        'Publish smaller messages or compressed pictures, or raise the limit.',
      );
    }
    if (bytes.length < encapsulationBytes) {
      throw this.#error('cdr-truncated', `it has ${bytes.length} bytes, not even an encapsulation header`);
    }
    const representation = this.#view.getUint16(0);
    if (representation > 1) {
      throw this.#error(
        'cdr-encapsulation',
        `its encapsulation is 0x${representation.toString(16).padStart(4, '0')}, not plain CDR version 1 (0x0000 or 0x0001)`,
        'Let the publisher write XCDR version 1 and final types, as ROS 2 does.',
      );
    }
    this.littleEndian = representation === 1;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  uint8(field: string): number {
    return this.#bytes[this.#take(1, 1, field)] ?? 0;
  }

  boolean(field: string): boolean {
    return this.uint8(field) !== 0;
  }

  int8(field: string): number {
    return this.#view.getInt8(this.#take(1, 1, field));
  }

  int16(field: string): number {
    return this.#view.getInt16(this.#take(2, 2, field), this.littleEndian);
  }

  uint16(field: string): number {
    return this.#view.getUint16(this.#take(2, 2, field), this.littleEndian);
  }

  int32(field: string): number {
    return this.#view.getInt32(this.#take(4, 4, field), this.littleEndian);
  }

  uint32(field: string): number {
    return this.#view.getUint32(this.#take(4, 4, field), this.littleEndian);
  }

  int64(field: string): bigint {
    return this.#view.getBigInt64(this.#take(8, 8, field), this.littleEndian);
  }

  uint64(field: string): bigint {
    return this.#view.getBigUint64(this.#take(8, 8, field), this.littleEndian);
  }

  float32(field: string): number {
    return this.#view.getFloat32(this.#take(4, 4, field), this.littleEndian);
  }

  float64(field: string): number {
    return this.#view.getFloat64(this.#take(8, 8, field), this.littleEndian);
  }

  /** Jumps over `count` doubles, e.g. a covariance nobody reads. */
  skipFloat64(count: number, field: string): void {
    this.#take(8, 8 * count, field);
  }

  /** Jumps over `count` values of `bytes` octets each, which are aligned to their size. */
  skip(bytes: 1 | 2 | 4 | 8, count: number, field: string): void {
    // An empty sequence needs no alignment.
    if (count > 0) this.#take(bytes, bytes * count, field);
  }

  string(field: string): string {
    const length = this.uint32(field);
    // The length counts the closing zero; an empty string may come as 0 or as 1.
    if (length === 0) return '';
    if (length - 1 > this.#limits.maxString) {
      throw this.#error(
        'cdr-too-large',
        `the string ${field} has ${length - 1} octets, at most ${this.#limits.maxString} are allowed`,
        'Check the publisher; the message may be damaged.',
      );
    }
    const start = this.#take(1, length, field);
    // A name in Latin-1 must not cost a frame.
    return decodeUtf8Leniently(this.#bytes.subarray(start, start + length - 1));
  }

  /** Number of elements; `elementBytes` is the least that one element takes, so that a lie is found before the loop. */
  sequence(field: string, elementBytes: number): number {
    const count = this.uint32(field);
    if (count > this.#limits.maxElements) {
      throw this.#error(
        'cdr-too-large',
        `the sequence ${field} has ${count} elements, at most ${this.#limits.maxElements} are allowed`,
        'Check the publisher; the message may be damaged.',
      );
    }
    if (count * elementBytes > this.remaining) throw this.#truncated(field, count * elementBytes);
    return count;
  }

  /** A sequence of octets as a view of the message: no copy, valid as long as the message is. */
  octets(field: string): Uint8Array {
    const length = this.uint32(field);
    return this.fixedOctets(length, field);
  }

  fixedOctets(length: number, field: string): Uint8Array {
    const start = this.#take(1, length, field);
    return this.#bytes.subarray(start, start + length);
  }

  #take(alignment: number, bytes: number, field: string): number {
    // Alignment counts from the end of the encapsulation header.
    const start =
      this.#offset + (((-(this.#offset - encapsulationBytes) % alignment) + alignment) % alignment);
    if (start + bytes > this.#bytes.length) throw this.#truncated(field, bytes);
    this.#offset = start + bytes;
    return start;
  }

  #truncated(field: string, bytes: number): InputError {
    return this.#error(
      'cdr-truncated',
      `it ends inside ${field}, which needs ${bytes} bytes where ${Math.max(0, this.remaining)} are left`,
    );
  }

  #error(
    code: string,
    what: string,
    remedy = 'Check that publisher and topic carry this type; the message may be damaged.',
  ) {
    return new InputError(code, `A ${this.#type} message can't be read: ${what}.`, remedy);
  }
}
