import { CancelledError, InputError, MissingError, RefusedError } from '../../base/index.ts';
import { DetectorLostError } from '../ports.ts';

/** Fewer frames say nothing: a camera of one frame in ten seconds is no lost device. */
const fewestFrames = 5;

/** Frames that failed one after the other, of all cameras. */
export interface FailingFrames {
  readonly frames: number;
  readonly forMs: number;
  /** It was said before of this run, which goes on. */
  readonly again: boolean;
}

/** A frame that can't be read, or a part that is not there, says nothing of the detector; a new one would fail alike. */
function blamesDetector(error: unknown): boolean {
  return ![InputError, MissingError, RefusedError, CancelledError].some((kind) => error instanceof kind);
}

/**
 * Watches what becomes of the frames of one detector. A run of failures is told when it has lasted for `limitMs`, at once
 * where the detector itself says that no later frame can succeed, and again each `limitMs` that it goes on: whoever was
 * busy the first time hears of it.
 */
export class FailureRun {
  readonly #limitMs: number;
  #frames = 0;
  #sinceMs = 0;
  #toldMs: number | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  answered(): void {
    this.#frames = 0;
    this.#toldMs = undefined;
  }

  /** What is to be told of it, or undefined. */
  failed(error: unknown, nowMs: number): FailingFrames | undefined {
    if (!blamesDetector(error)) return undefined;
    if (this.#frames === 0) this.#sinceMs = nowMs;
    this.#frames += 1;
    const again = this.#toldMs !== undefined;
    const quietMs = nowMs - (this.#toldMs ?? this.#sinceMs);
    const long = this.#frames >= fewestFrames && quietMs >= this.#limitMs;
    const lost = !again && error instanceof DetectorLostError;
    if (!long && !lost) return undefined;
    this.#toldMs = nowMs;
    return { frames: this.#frames, forMs: nowMs - this.#sinceMs, again };
  }
}
