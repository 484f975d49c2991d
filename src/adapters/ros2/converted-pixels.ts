import type { Pixels } from '../../perception/index.ts';
import {
  type ConvertPicture,
  type ConvertPictureAside,
  convertedBytes,
  type RawPicture,
  type RosMessage,
} from '../../ros2/index.ts';
import type { Spares } from './spares.ts';

export interface Conversion {
  readonly convert: ConvertPicture;
  /** On another thread. Absent: only on the calling one. */
  readonly aside?: ConvertPictureAside | undefined;
  readonly spares: Spares;
}

/**
 * Pixels that are converted when somebody wants them: a frame that gives way to a newer one costs nothing. Whoever waits for
 * `prepare` has it done on another thread, once for all.
 */
export class ConvertedPixels implements Pixels {
  readonly prepare?: () => Promise<void>;
  readonly #raw: RawPicture;
  readonly #message: Pick<RosMessage, 'scattered' | 'release'>;
  readonly #conversion: Conversion;
  #converted: Uint8Array | undefined;
  #preparing: Promise<void> | undefined;
  /** Under way on another thread, which reads the message until it is done. */
  #busy = false;
  #released = false;

  constructor(raw: RawPicture, message: Pick<RosMessage, 'scattered' | 'release'>, conversion: Conversion) {
    this.#raw = raw;
    this.#message = message;
    this.#conversion = conversion;
    const { aside } = conversion;
    if (aside !== undefined) this.prepare = () => (this.#preparing ??= this.#prepare(aside));
  }

  get data(): Uint8Array {
    if (this.#converted === undefined) {
      this.#message.scattered?.gather();
      const out = this.#room();
      this.#conversion.convert(this.#raw, out);
      this.#converted = out;
    }
    return this.#converted;
  }

  release(): void {
    this.#released = true;
    if (!this.#busy) this.#giveBack();
  }

  async #prepare(aside: ConvertPictureAside): Promise<void> {
    if (this.#converted !== undefined || this.#released) return;
    const out = this.#room();
    this.#busy = true;
    try {
      await aside(this.#raw, out, this.#message.scattered?.pieces);
      // Somebody may have read it meanwhile, and looks at those bytes.
      if (this.#converted === undefined) this.#converted = out;
      else this.#conversion.spares.give(out);
    } finally {
      this.#busy = false;
      if (this.#released) this.#giveBack();
    }
  }

  #room(): Uint8Array {
    const { encoding, width, height } = this.#raw;
    return this.#conversion.spares.take(convertedBytes(encoding, width, height));
  }

  #giveBack(): void {
    if (this.#converted !== undefined) this.#conversion.spares.give(this.#converted);
    this.#message.release();
  }
}
