import type { DdsWriterHandle } from '../../native/index.ts';

const againAfterMs = 50;
/** Each waits for the middleware some milliseconds at most. */
const mostLastTries = 20;

/**
 * A writer whose topic keeps its newest messages for those who come later. What the middleware does not take goes again until it
 * does: of a state the newest message may not be the one that is missing, and the event loop does not wait for it.
 *
 * INVARIANTS
 * - Messages go in the order in which they were written, each once.
 * - As many wait as the topic keeps; the oldest give way, as they would there.
 */
export class LatchedWriter implements DdsWriterHandle {
  readonly #writer: DdsWriterHandle;
  readonly #depth: number;
  readonly #onFailed: (error: unknown) => void;
  #waiting: Uint8Array[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `onFailed`: a message that had to wait and that the middleware can't send. */
  constructor(writer: DdsWriterHandle, depth: number, onFailed: (error: unknown) => void) {
    this.#writer = writer;
    this.#depth = depth;
    this.#onFailed = onFailed;
  }

  guid = () => this.#writer.guid();
  reaches = (reader: Uint8Array) => this.#writer.reaches(reader);
  matched = () => this.#writer.matched();
  take = () => this.#writer.take();

  /** True: it is sent, or will be. */
  write(bytes: Uint8Array): boolean {
    if (this.#closed) return false;
    if (this.#waiting.length === 0 && this.#writer.write(bytes)) return true;
    // Its owner may write the next one into the same memory.
    this.#waiting.push(Uint8Array.from(bytes));
    this.#waiting.splice(0, this.#waiting.length - this.#depth);
    this.#tryAgain();
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    for (let tries = 0; this.#waiting.length > 0 && tries < mostLastTries; tries += 1) this.#send();
    this.#waiting = [];
    this.#writer.close();
  }

  #tryAgain(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#send();
      if (this.#waiting.length > 0) this.#tryAgain();
    }, againAfterMs);
    this.#timer.unref();
  }

  #send(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      try {
        if (!this.#writer.write(next)) return;
      } catch (error) {
        this.#onFailed(error);
      }
      this.#waiting.shift();
    }
  }
}
