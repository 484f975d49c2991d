import type { DdsGaveWay, DdsReaderHandle, DdsTaken } from '../../native/index.ts';

export type Sample = DdsTaken['samples'][number];

/** A burst of requests holds the event loop for so long at a time. */
const turnMs = 2;

/** What is done with each request. */
export interface RequestHandlers {
  answer(sample: Sample): unknown;
  /** One for which there was no room. */
  refuse(request: DdsGaveWay): unknown;
  /** At what came with them, and what did not come as far. */
  look(taken: DdsTaken): void;
}

/**
 * Requests of a service, a turn of the event loop at a time; those that are refused first. None is taken while others are left: what comes meanwhile waits in the
 * reader, within its bounds.
 */
export class IncomingRequests {
  readonly #handlers: RequestHandlers;
  #left: readonly (Sample | DdsGaveWay)[] = [];
  #next: NodeJS.Immediate | undefined;
  #more = false;

  constructor(handlers: RequestHandlers) {
    this.#handlers = handlers;
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
      this.#handlers.look(taken);
      this.#left = [...taken.gaveWay, ...taken.samples];
    }
    const endMs = performance.now() + turnMs;
    let at = 0;
    for (; at < this.#left.length && (at === 0 || performance.now() < endMs); at += 1) {
      const request = this.#left[at]!;
      if ('id' in request) {
        this.#handlers.answer(request);
        reader.release(request.id);
      } else this.#handlers.refuse(request);
    }
    this.#left = this.#left.slice(at);
    if (this.#left.length > 0 || this.#more) this.#next = setImmediate(() => this.#turn(reader));
  }
}
