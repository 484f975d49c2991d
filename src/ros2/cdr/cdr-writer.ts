import { encodeUtf8 } from '../../base/index.ts';
import { encapsulationBytes } from './cdr-reader.ts';

/**
 * Writes plain CDR version 1 into a buffer that grows and is used again: `reset` begins a message, `finish` gives a view
 * of it that is valid until the next `reset`.
 */
export class CdrWriter {
  readonly #littleEndian: boolean;
  readonly #texts = new Map<string, Uint8Array>();
  #bytes: Uint8Array;
  #view: DataView;
  #offset = 0;

  /** Big-endian exists for tests and for peers that ask for it; ROS 2 on every supported board is little-endian. */
  constructor(options: { readonly littleEndian?: boolean; readonly capacity?: number } = {}) {
    this.#littleEndian = options.littleEndian ?? true;
    this.#bytes = new Uint8Array(options.capacity ?? 1024);
    this.#view = new DataView(this.#bytes.buffer);
    this.reset();
  }

  reset(): void {
    this.#bytes[0] = 0;
    this.#bytes[1] = this.#littleEndian ? 1 : 0;
    this.#bytes[2] = 0;
    this.#bytes[3] = 0;
    this.#offset = encapsulationBytes;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#offset);
  }

  uint8(value: number): void {
    const at = this.#place(1, 1);
    this.#bytes[at] = value;
  }

  boolean(value: boolean): void {
    this.uint8(value ? 1 : 0);
  }

  int8(value: number): void {
    this.uint8(value & 0xff);
  }

  uint16(value: number): void {
    const at = this.#place(2, 2);
    this.#view.setUint16(at, value, this.#littleEndian);
  }

  int32(value: number): void {
    const at = this.#place(4, 4);
    this.#view.setInt32(at, value, this.#littleEndian);
  }

  uint32(value: number): void {
    const at = this.#place(4, 4);
    this.#view.setUint32(at, value, this.#littleEndian);
  }

  uint64(value: bigint): void {
    const at = this.#place(8, 8);
    this.#view.setBigUint64(at, value, this.#littleEndian);
  }

  float32(value: number): void {
    const at = this.#place(4, 4);
    this.#view.setFloat32(at, value, this.#littleEndian);
  }

  float64(value: number): void {
    const at = this.#place(8, 8);
    this.#view.setFloat64(at, value, this.#littleEndian);
  }

  /** `count` doubles of value 0. */
  zeros(count: number): void {
    const start = this.#place(8, 8 * count);
    this.#bytes.fill(0, start, start + 8 * count);
  }

  string(text: string): void {
    const bytes = this.#encoded(text);
    this.uint32(bytes.length + 1);
    const start = this.#place(1, bytes.length + 1);
    this.#bytes.set(bytes, start);
    this.#bytes[start + bytes.length] = 0;
  }

  octets(bytes: Uint8Array): void {
    this.uint32(bytes.length);
    this.fixedOctets(bytes);
  }

  fixedOctets(bytes: Uint8Array): void {
    const at = this.#place(1, bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Class names and frame ids come again in every message. */
  #encoded(text: string): Uint8Array {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const bytes = encodeUtf8(text);
    if (this.#texts.size >= 512) this.#texts.clear();
    if (bytes.length <= 256) this.#texts.set(text, bytes);
    return bytes;
  }

  /** May replace buffer and view: to be called before either is named in the same statement. */
  #place(alignment: number, bytes: number): number {
    const position = this.#offset - encapsulationBytes;
    const start = this.#offset + ((alignment - (position % alignment)) % alignment);
    const end = start + bytes;
    if (end > this.#bytes.length) this.#grow(end);
    // The buffer is used again: padding must not carry what an earlier message wrote there.
    for (let at = this.#offset; at < start; at += 1) this.#bytes[at] = 0;
    this.#offset = end;
    return start;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#offset));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
