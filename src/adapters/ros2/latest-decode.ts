import { describeError, InputError } from '../../base/index.ts';
import type { Image } from '../../perception/index.ts';

/** Port: a PNG's pixels, decoded on another thread. */
export type DecodePng = (bytes: Uint8Array) => Promise<Image>;

export interface DecodeJob {
  readonly bytes: Uint8Array;
  /** Once, when its bytes are no longer looked at. */
  release(): void;
  done(image: Image): void;
  failed(error: InputError): void;
}

/** Decodes one picture at a time; of those that come meanwhile the newest waits, and the others are released. */
export class LatestDecode {
  readonly #decode: DecodePng | undefined;
  #waiting: DecodeJob | undefined;
  #busy = false;

  constructor(decode: DecodePng | undefined) {
    this.#decode = decode;
  }

  offer(job: DecodeJob): void {
    this.#waiting?.release();
    this.#waiting = job;
    if (!this.#busy) void this.#work();
  }

  /** What waits is not decoded any more. */
  clear(): void {
    this.#waiting?.release();
    this.#waiting = undefined;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      let image: Image | undefined;
      let reason = 'nothing here decodes PNG';
      try {
        image = await this.#decode?.(job.bytes);
      } catch (error) {
        reason = describeError(error);
      }
      job.release();
      if (image === undefined) {
        job.failed(
          new InputError(
            'ros-encoding',
            `A compressed image of format png can't be read: ${reason}.`,
            'Check the camera, or let image_transport publish JPEG (format: jpeg).',
          ),
        );
      } else job.done(image);
    }
    this.#busy = false;
  }

  #next(): DecodeJob | undefined {
    const job = this.#waiting;
    this.#waiting = undefined;
    return job;
  }
}
