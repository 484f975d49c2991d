/** Memory that both sides of a thread see; back in the pool once it was released. */
export interface SharedBuffer {
  readonly data: Uint8Array;
  release(): void;
}

/**
 * Buffers of one size in shared memory that go round: a frame is filled in by one thread and read by another without a
 * copy, and a new 6 MB array per frame would cost 0.5 to 3 ms.
 */
export class SharedBufferPool {
  readonly #sizeBytes: number;
  readonly #free: Uint8Array[] = [];
  #made = 0;

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  /** Buffers that somebody holds. */
  get taken(): number {
    return this.#made - this.#free.length;
  }

  take(): SharedBuffer {
    const data = this.#free.pop() ?? this.#make();
    let released = false;
    return {
      data,
      release: () => {
        // A second release would hand one buffer to two frames.
        if (released) return;
        released = true;
        this.#free.push(data);
      },
    };
  }

  #make(): Uint8Array {
    this.#made += 1;
    return new Uint8Array(new SharedArrayBuffer(this.#sizeBytes));
  }
}
