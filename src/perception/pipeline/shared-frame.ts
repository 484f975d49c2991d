import { defined } from '../../base/index.ts';
import type { Frame } from '../frame.ts';

/** One frame for several users. Its pixels are released once, when the last of them is done. */
export class SharedFrame {
  readonly #frame: Frame;
  #users = 1;
  #decoded: Promise<Frame> | undefined;

  /** Whoever makes it is the first user. */
  constructor(frame: Frame) {
    this.#frame = frame;
  }

  /** The frame for one more user, whose release is its own. `gone` is told of it. */
  share(gone?: () => void): Frame {
    this.#users += 1;
    const { pixels } = this.#frame;
    const release = () => {
      gone?.();
      this.release();
    };
    return {
      ...this.#frame,
      pixels: {
        // Not read before somebody asks: a frame in pieces is put together by it, one in device memory copied.
        get data() {
          return pixels.data;
        },
        ...defined({ scattered: pixels.scattered, device: pixels.device, prepare: pixels.prepare }),
        release,
      },
    };
  }

  /** Of a compressed frame: decoded once, for all who look at its pixels. Whoever asks has a share until it is there. */
  decoded(decode: (frame: Frame) => Promise<Frame>): Promise<Frame> {
    this.#decoded ??= decode(this.#frame);
    return this.#decoded;
  }

  /** Somebody asked for it. */
  get isDecoded(): boolean {
    return this.#decoded !== undefined;
  }

  release(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#frame.pixels.release();
  }
}
