/** As many as frames of one camera are looked at at once; what is more is left to the collector. */
const most = 4;

/** Buffers that are used again: a fresh one of some megabytes costs as much as what is written into it. */
export class Spares {
  #buffers: Uint8Array[] = [];

  take(bytes: number): Uint8Array {
    if (this.#buffers[0]?.length !== bytes) this.#buffers = [];
    return this.#buffers.pop() ?? new Uint8Array(bytes);
  }

  give(buffer: Uint8Array): void {
    const { length } = this.#buffers;
    if (length < most && (length === 0 || this.#buffers[0]?.length === buffer.length)) {
      this.#buffers.push(buffer);
    }
  }
}
