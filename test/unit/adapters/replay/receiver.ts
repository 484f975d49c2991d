import type { GoshawkError } from '../../../../src/base/index.ts';
import type { Frame, FrameReceiver } from '../../../../src/perception/index.ts';

/** Notes what a source hands it, and says when it ended. */
export class NotingReceiver implements FrameReceiver {
  readonly frames: Frame[] = [];
  readonly faults: GoshawkError[] = [];
  ends = 0;
  readonly ended: Promise<void>;
  #end: () => void = () => {};
  readonly #take: (frame: Frame) => void | Promise<void>;

  constructor(take: (frame: Frame) => void | Promise<void> = () => {}) {
    this.#take = take;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  frame(frame: Frame): void | Promise<void> {
    this.frames.push(frame);
    return this.#take(frame);
  }

  fault(error: GoshawkError): void {
    this.faults.push(error);
  }

  end(): void {
    this.ends += 1;
    this.#end();
  }
}
