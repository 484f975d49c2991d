import type { Pixels } from '../../perception/index.ts';

/** A bounded set of frame buffers in shared memory: the worker paints into them and nothing is copied. */
export class PixelPool {
  readonly #size: number;
  readonly #most: number;
  readonly #free: Uint8Array[] = [];
  #made = 0;

  /** `size`: bytes of one frame; `most`: buffers at once. */
  constructor(size: number, most: number) {
    this.#size = size;
    this.#most = most;
  }

  /** Buffers that somebody holds. */
  get taken(): number {
    return this.#made - this.#free.length;
  }

  /** undefined when every buffer is taken. */
  take(): Pixels | undefined {
    let data = this.#free.pop();
    if (data === undefined) {
      if (this.#made >= this.#most) return undefined;
      this.#made += 1;
      data = new Uint8Array(new SharedArrayBuffer(this.#size));
    }
    const buffer = data;
    let released = false;
    return {
      data: buffer,
      release: () => {
        // A second release would hand one buffer to two frames.
        if (released) return;
        released = true;
        this.#free.push(buffer);
      },
    };
  }
}
