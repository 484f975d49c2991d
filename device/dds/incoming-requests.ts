import type { DdsReaderHandle, DdsTaken } from '../../native/index.ts';

export type Sample = DdsTaken['samples'][number];

/** A burst of requests holds the event loop for so long at a time. */
const turnMs = 2;

/**
 * Requests of a service, a turn of the event loop at a time. None is taken while others are left: what comes meanwhile waits in the
 * reader, within its bounds.
 */
export class IncomingRequests {
  readonly #answer: (sample: Sample) => void;
  readonly #look: (taken: DdsTaken) => void;
  #left: readonly Sample[] = [];
  #next: NodeJS.Immediate | undefined;
  #more = false;

  /** `look`: at what came with them, and what did not come as far. */
  constructor(answer: (sample: Sample) => void, look: (taken: DdsTaken) => void) {
    this.#answer = answer;
    this.#look = look;
  }

  /** Something waits in the reader. */
  takeFrom(reader: DdsReaderHandle): void {
    // The reader tells nothing more until it is taken from again.
    if (this.#next === undefined) this.#turn(reader);
    else this.#more = true;
  }

  close(): void {
    clearImmediate(this.#next);
    this.#next = undefined;
    this.#left = [];
  }

  #turn(reader: DdsReaderHandle): void {
    this.#next = undefined;
    if (this.#left.length === 0) {
      this.#more = false;
      const taken = reader.take();
      if (taken === null) return;
      this.#look(taken);
      this.#left = taken.samples;
    }
    const endMs = performance.now() + turnMs;
    let at = 0;
    for (; at < this.#left.length && (at === 0 || performance.now() < endMs); at += 1) {
      const sample = this.#left[at]!;
      this.#answer(sample);
      reader.release(sample.id);
    }
    this.#left = this.#left.slice(at);
    if (this.#left.length > 0 || this.#more) this.#next = setImmediate(() => this.#turn(reader));
  }
}
