import { asGoshawkError, type Clock, type GoshawkError } from '../../base/index.ts';
import type { Frame, FrameReceiver } from '../../perception/index.ts';

/**
 * `every`: as fast as the receiver takes them, none is lost. `realtime`: one per period whether the receiver keeps up
 * or not, as a camera does.
 */
export type ReplayPace = { readonly kind: 'every' } | { readonly kind: 'realtime'; readonly fps: number };

/** What a recording gives per picture; the stamp is set when the frame is handed over, as a camera would. */
export type RecordedFrame = Omit<Frame, 'camera' | 'sequence' | 'stampNs' | 'frameId'>;

export interface ReplayOptions {
  /** Name of the camera that is played; default `camera`. */
  readonly camera?: string;
  /** Default `<camera>_optical`. */
  readonly frameId?: string;
  readonly clock: Clock;
  /** Default `every`. */
  readonly pace?: ReplayPace;
  /** Begin again at the end; default false. */
  readonly loop?: boolean;
  /** Frames after which it ends; default: all. */
  readonly limit?: number;
}

/**
 * Hands recorded frames to a receiver: numbers, stamps, pace, faults and the end in one place for every recording.
 *
 * INVARIANTS
 * - after `stop` resolved the receiver is not called;
 * - `end` is called exactly once, unless stopped before.
 */
export class ReplayStream {
  readonly camera: string;
  readonly #frameId: string;
  readonly #options: ReplayOptions;
  #stopped = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.camera = options.camera ?? 'camera';
    this.#frameId = options.frameId ?? `${this.camera}_optical`;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Plays what `frames` yields; an error that it yields is a fault of one frame, one that it throws ends the play. */
  start(frames: () => AsyncIterable<RecordedFrame | GoshawkError>, receiver: FrameReceiver): void {
    this.#running = this.#play(frames, receiver).catch((error: unknown) => {
      if (!this.#stopped) receiver.fault(asGoshawkError(error, 'replay-failed'));
    });
    this.#running = this.#running.then(() => {
      if (!this.#stopped) receiver.end();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.#running;
  }

  async #play(
    frames: () => AsyncIterable<RecordedFrame | GoshawkError>,
    receiver: FrameReceiver,
  ): Promise<void> {
    const { clock, limit = Number.POSITIVE_INFINITY, loop = false } = this.#options;
    const pace = this.#options.pace ?? { kind: 'every' };
    const startMs = clock.monotonicMs();
    let sequence = 0;
    do {
      let good = 0;
      for await (const recorded of frames()) {
        if (this.#stopped) {
          if (!('code' in recorded)) recorded.pixels.release();
          return;
        }
        if ('code' in recorded) {
          receiver.fault(recorded);
          continue;
        }
        if (pace.kind === 'realtime') await this.#until(startMs + (sequence * 1000) / pace.fps);
        if (this.#stopped) {
          recorded.pixels.release();
          return;
        }
        const frame = {
          ...recorded,
          camera: this.camera,
          frameId: this.#frameId,
          sequence,
          stampNs: clock.wallNs(),
        };
        const taken = receiver.frame(frame);
        sequence += 1;
        good += 1;
        if (pace.kind === 'every') await taken;
        if (sequence >= limit || this.#stopped) return;
      }
      // A recording without a good frame would go round without ever giving way.
      if (good === 0) return;
    } while (loop);
  }

  async #until(dueMs: number): Promise<void> {
    const delay = dueMs - this.#options.clock.monotonicMs();
    if (delay <= 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(delay, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
