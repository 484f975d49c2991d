import { asGoshawkError, describeError, type GoshawkError } from '../../base/index.ts';
import type { Image } from '../../perception/index.ts';

/** Port: a PNG's pixels, decoded on another thread. */
export type DecodePng = (bytes: Uint8Array) => Promise<Image>;

export interface DecodeJob<Decoded> {
  readonly bytes: Uint8Array;
  /** Once, when its bytes are no longer looked at. */
  release(): void;
  done(decoded: Decoded): void;
  failed(error: GoshawkError): void;
}

/** Decodes one picture at a time; of those that come meanwhile the newest waits, and the others are released. */
export class LatestDecode<Decoded> {
  readonly #decode: ((bytes: Uint8Array) => Promise<Decoded>) | undefined;
  readonly #refusal: (reason: string) => GoshawkError;
  #waiting: DecodeJob<Decoded> | undefined;
  #busy = false;

  /** `refusal` makes the error of a picture that can't be decoded. */
  constructor(
    decode: ((bytes: Uint8Array) => Promise<Decoded>) | undefined,
    refusal: (reason: string) => GoshawkError,
  ) {
    this.#decode = decode;
    this.#refusal = refusal;
  }

  /** One is being decoded. */
  get busy(): boolean {
    return this.#busy;
  }

  offer(job: DecodeJob<Decoded>): void {
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
      let decoded: Decoded | undefined;
      let reason = 'no decoder for PNG is installed';
      try {
        decoded = await this.#decode?.(job.bytes);
      } catch (error) {
        reason = describeError(error);
      }
      job.release();
      this.#end(job, decoded, reason);
    }
    this.#busy = false;
  }

  /** Whoever can't take a picture does not keep the next ones from being decoded. */
  #end(job: DecodeJob<Decoded>, decoded: Decoded | undefined, reason: string): void {
    if (decoded === undefined) {
      job.failed(this.#refusal(reason));
      return;
    }
    try {
      job.done(decoded);
    } catch (error) {
      job.failed(asGoshawkError(error, 'ros-message'));
    }
  }

  #next(): DecodeJob<Decoded> | undefined {
    const job = this.#waiting;
    this.#waiting = undefined;
    return job;
  }
}
