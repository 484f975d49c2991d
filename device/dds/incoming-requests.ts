import type { DdsGaveWay, DdsReaderHandle, DdsTaken } from '../../native/index.ts';
import { PacedQueue } from '../../src/platform/index.ts';
import { answerPace } from '../../src/ros2/index.ts';

export type Sample = DdsTaken['samples'][number];

/** What is done with each request. */
export interface RequestHandlers {
  answer(sample: Sample): unknown;
  /** One for which there was no room. */
  refuse(request: DdsGaveWay): unknown;
  /** At what came with them, and what did not come as far. */
  look(taken: DdsTaken): void;
}

/**
 * Requests of a service, at the pace at which clients can take the answers; those that are refused first. None is taken while others are
 * left: what comes meanwhile waits in the reader, within its bounds.
 */
export class IncomingRequests {
  readonly #handlers: RequestHandlers;
  readonly #left: PacedQueue<Sample | DdsGaveWay>;
  #reader: DdsReaderHandle | undefined;
  #more = false;

  constructor(handlers: RequestHandlers) {
    this.#handlers = handlers;
    this.#left = new PacedQueue(
      answerPace,
      (request) => this.#handle(request),
      () => this.#more && this.#take(),
    );
  }

  /** Something waits in the reader, which tells nothing more until it is taken from again. */
  takeFrom(reader: DdsReaderHandle): void {
    this.#reader = reader;
    if (this.#left.length > 0) this.#more = true;
    else this.#take();
  }

  close(): void {
    this.#left.close();
    this.#reader = undefined;
  }

  #take(): void {
    this.#more = false;
    const taken = this.#reader?.take() ?? null;
    if (taken === null) return;
    this.#handlers.look(taken);
    this.#left.add(...taken.gaveWay, ...taken.samples);
  }

  #handle(request: Sample | DdsGaveWay): void {
    if ('id' in request) {
      this.#handlers.answer(request);
      this.#reader?.release(request.id);
    } else this.#handlers.refuse(request);
  }
}
