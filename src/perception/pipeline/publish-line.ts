import type { TrackedDetection } from '../detection.ts';
import type { Frame } from '../frame.ts';
import type { Finding } from './findings.ts';
import type { SharedFrame } from './shared-frame.ts';
import type { Inference } from './task.ts';

/** A frame whose root node has answered, until all that hangs on it is done. */
export interface Chain {
  readonly hold: SharedFrame;
  /** Kept until it is published. */
  readonly frame: Frame;
  readonly sinceMs: number;
  readonly inference: Inference;
  readonly findings: readonly Finding<TrackedDetection>[];
  /** Jobs of other nodes that are still to come back, and one while they are being handed out. */
  open: number;
  /** Must not throw. */
  readonly publish: () => void;
}

/** A recording waits while so many of its frames are not done. */
const most = 4;

/**
 * Frames of one root in their order: a later one is not published before an earlier one, also where the graph was changed in
 * between.
 */
export class PublishLine {
  readonly #line: Chain[] = [];
  #room: (() => void)[] = [];
  #flushing = false;

  add(chain: Chain): void {
    this.#line.push(chain);
  }

  /** Publishes what is done at the head of the line. */
  flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      for (let head = this.#line[0]; head !== undefined && head.open === 0; head = this.#line[0]) {
        this.#line.shift();
        head.publish();
        head.frame.pixels.release();
      }
    } finally {
      this.#flushing = false;
    }
    if (this.#line.length < most) for (const resolve of this.#room.splice(0)) resolve();
  }

  /** Resolves when few enough are not done. */
  room(): Promise<void> {
    if (this.#line.length < most) return Promise.resolve();
    return new Promise((resolve) => this.#room.push(resolve));
  }
}
