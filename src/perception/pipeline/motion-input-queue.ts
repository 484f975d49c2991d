import type { Frame } from '../frame.ts';
import type { Image } from '../preprocess/image.ts';
import type { SchedulingPolicy } from './node-queue.ts';
import type { SharedFrame } from './shared-frame.ts';

export interface MotionInputQueuePorts {
  readonly policy: SchedulingPolicy;
  /** What can be seen of a frame, made elsewhere: a small picture of a compressed one, a converted one whole. */
  readonly miniature: (frame: Frame) => Promise<Image>;
  /** The frame goes on; without a picture it could not be looked at. Resolves when every node took or refused it. */
  readonly give: (hold: SharedFrame, seen: Image | undefined) => Promise<unknown>;
  /** The frame does not go on: a newer one took its place, or the graph is gone. */
  readonly passOver: (why: 'superseded' | 'closed') => void;
}

interface Waiting {
  readonly hold: SharedFrame;
  readonly frame: Frame;
  readonly taken: () => void;
}

/**
 * Frames of nodes that wait for motion, which can be seen only after somebody has decoded or converted them: one at a time, in
 * their order. Of a live camera the newest waits, of a recording all do.
 */
export class MotionInputQueue {
  readonly #ports: MotionInputQueuePorts;
  readonly #waiting: Waiting[] = [];
  #looking: Waiting | undefined;
  #left = false;

  constructor(ports: MotionInputQueuePorts) {
    this.#ports = ports;
  }

  /** Resolves when the frame was given on, or passed over. */
  add(hold: SharedFrame): Promise<void> {
    return new Promise((taken) => {
      if (this.#ports.policy === 'newest') this.#drop('superseded');
      this.#waiting.push({ hold, frame: hold.share(), taken });
      if (this.#looking === undefined) void this.#next();
    });
  }

  /** Another graph takes the place of this one: the queue stops. Of a live camera that graph sees the next frame. */
  leave(): void {
    const why = this.#ports.policy === 'newest' ? 'superseded' : 'closed';
    this.#left = true;
    if (this.#looking !== undefined) this.#ports.passOver(why);
    this.#drop(why);
  }

  #drop(why: 'superseded' | 'closed'): void {
    for (const { frame, taken } of this.#waiting.splice(0)) {
      this.#ports.passOver(why);
      frame.pixels.release();
      taken();
    }
  }

  async #next(): Promise<void> {
    for (let one = this.#waiting.shift(); one !== undefined; one = this.#waiting.shift()) {
      const { hold, frame, taken } = one;
      this.#looking = one;
      // Whoever looks at the whole of it says what is wrong with it.
      const seen = await this.#ports.miniature(frame).catch(() => undefined);
      this.#looking = undefined;
      if (this.#left) taken();
      else void this.#ports.give(hold, seen).then(taken);
      frame.pixels.release();
    }
  }
}
