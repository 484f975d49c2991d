import { asGoshawkError, type Clock, type GoshawkError } from '../../base/index.ts';
import type { Frame, FrameReceiver } from '../frame.ts';

/**
 * `every`: as fast as the receiver takes them, none is lost; stamps are the times of the recording, from 0. `realtime`: at
 * its own pace whether the receiver keeps up or not, as a camera does; stamps lie as far apart as in the recording, and
 * now. `fps`: of pictures that know no time.
 */
export type ReplayPace =
  | { readonly kind: 'every'; readonly fps?: number }
  | { readonly kind: 'realtime'; readonly fps: number };

/** What a recording gives per picture. */
export type RecordedFrame = Omit<Frame, 'camera' | 'sequence' | 'stampNs' | 'frameId' | 'handedOverNs'> & {
  /** Time in the recording; absent where it knows none. */
  readonly timeNs?: bigint;
  /** Instead of the camera's. */
  readonly frameId?: string;
};

/** What is played; an error that it yields is a fault of one frame, one that it throws ends the play. */
export type RecordedFrames = () => AsyncIterable<RecordedFrame | GoshawkError>;

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

const usualFps = 10;
/** A machine that can't play a recording at its own speed must not fall behind for ever. */
const mostBehindMs = 1000;

/**
 * Hands recorded frames to a receiver: numbers, stamps, pace, faults and the end in one place for every recording.
 *
 * INVARIANTS
 * - after `stop` resolved the receiver is not called;
 * - `end` is called exactly once, unless stopped before;
 * - the same recording at pace `every` gives the same stamps on every machine;
 * - begun again after `stop` it begins at its first frame; numbers and stamps go on.
 */
export class ReplayStream {
  readonly camera: string;
  readonly #frameId: string;
  readonly #options: ReplayOptions;
  readonly #pace: ReplayPace;
  readonly #periodNs: bigint;
  #stopped = false;
  #begun: symbol | undefined;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #sequence = 0;
  /** Where this pass through the recording begins, how many frames it had, and how far the last one lay behind that. */
  #passNs = 0n;
  #inPass = 0;
  #lastNs = 0n;
  /** Monotonic time of time 0 of the recording. */
  #startMs = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.camera = options.camera ?? 'camera';
    this.#frameId = options.frameId ?? `${this.camera}_optical`;
    this.#pace = options.pace ?? { kind: 'every' };
    this.#periodNs = BigInt(Math.round(1e9 / (this.#pace.fps ?? usualFps)));
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Asked before the recording is read: gives what plays it. That does nothing where the stream was stopped, or begun anew, while
   * the recording was being opened.
   */
  begin(): (frames: RecordedFrames, receiver: FrameReceiver) => void {
    const own = Symbol();
    this.#begun = own;
    this.#stopped = false;
    return (frames, receiver) => {
      if (!this.#stopped && this.#begun === own) this.#start(frames, receiver);
    };
  }

  #start(frames: RecordedFrames, receiver: FrameReceiver): void {
    if (this.#sequence > 0) this.#nextPass();
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

  async #play(frames: RecordedFrames, receiver: FrameReceiver): Promise<void> {
    const { limit = Number.POSITIVE_INFINITY, loop = false } = this.#options;
    this.#startMs = this.#options.clock.monotonicMs() - Number(this.#passNs) / 1e6;
    do {
      let good = 0;
      for await (const recorded of frames()) {
        if ('code' in recorded) {
          if (this.#stopped) return;
          receiver.fault(recorded);
          continue;
        }
        if (!this.#stopped) await this.#handOver(recorded, receiver);
        else recorded.pixels.release();
        good += 1;
        if (this.#sequence >= limit || this.#stopped) return;
      }
      // A recording without a good frame would go round without ever giving way.
      if (good === 0) return;
      this.#nextPass();
    } while (loop);
  }

  #nextPass(): void {
    this.#passNs += this.#lastNs + this.#periodNs;
    this.#inPass = 0;
  }

  async #handOver(recorded: RecordedFrame, receiver: FrameReceiver): Promise<void> {
    const { clock } = this.#options;
    const { timeNs, frameId, ...picture } = recorded;
    const inPass = timeNs ?? BigInt(this.#inPass) * this.#periodNs;
    this.#inPass += 1;
    this.#lastNs = inPass;
    const atNs = this.#passNs + inPass;
    const common = {
      ...picture,
      camera: this.camera,
      frameId: this.#options.frameId ?? frameId ?? this.#frameId,
      sequence: this.#sequence,
    };
    if (this.#pace.kind === 'every') {
      this.#sequence += 1;
      await receiver.frame({ ...common, stampNs: atNs, handedOverNs: clock.wallNs() });
      return;
    }
    const dueMs = await this.#until(atNs);
    if (this.#stopped) {
      recorded.pixels.release();
      return;
    }
    this.#sequence += 1;
    const lateNs = BigInt(Math.round(Math.max(0, clock.monotonicMs() - dueMs) * 1e6));
    void receiver.frame({ ...common, stampNs: clock.wallNs() - lateNs });
  }

  /** Waits until a time of the recording has come; gives the monotonic time when it was due. */
  async #until(atNs: bigint): Promise<number> {
    const { clock } = this.#options;
    const dueMs = () => this.#startMs + Number(atNs) / 1e6;
    const delay = dueMs() - clock.monotonicMs();
    if (delay < -mostBehindMs) this.#startMs -= delay;
    if (delay <= 0) return dueMs();
    await new Promise<void>((resolve) => {
      const cancel = clock.after(delay, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
    return dueMs();
  }
}
